/** An OTLP trace request in protocol buffers, written by another hand than the reader's: fields by their numbers. */
import { PbfWriter } from 'pbf'

/** One client span of the service order-sync, as the JSON request of the tests has it. */
export function protobuf(traceId: string, spanId: string): Uint8Array {
  const bytes = (hex: string) => Buffer.from(hex, 'hex')
  const text = (pbf: PbfWriter, tag: number, value: string) => (pbf.writeTag(tag, 2), pbf.writeString(value))
  const pair = (pbf: PbfWriter, tag: number, key: string, value: string | number) =>
    pbf.writeMessage(
      tag,
      (_, kv) => {
        text(kv, 1, key)
        kv.writeMessage(
          2,
          (_v, any) => (typeof value === 'string' ? text(any, 1, value) : (any.writeTag(3, 0), any.writeVarint(value))),
          null,
        )
      },
      null,
    )
  const nanos = (pbf: PbfWriter, tag: number, value: bigint) => {
    pbf.writeTag(tag, 1)
    pbf.writeFixed32(Number(value & 0xffffffffn))
    pbf.writeFixed32(Number(value >> 32n))
  }
  const writer = new PbfWriter()
  writer.writeMessage(
    1,
    (_, rs) => {
      rs.writeMessage(
        2,
        (_s, scope) => {
          scope.writeMessage(
            2,
            (_p, span) => {
              span.writeTag(1, 2)
              span.writeBytes(bytes(traceId))
              span.writeTag(2, 2)
              span.writeBytes(bytes(spanId))
              text(span, 5, 'PATCH Account')
              span.writeTag(6, 0)
              span.writeVarint(3)
              nanos(span, 7, 1795174200123456789n)
              nanos(span, 8, 1795174200623456789n)
              pair(span, 9, 'peer.service', 'salesforce')
              pair(span, 9, 'customer.id', 'N2')
              pair(span, 9, 'correlation.id', 'otlp-1')
              pair(span, 9, 'messaging.delivery_attempt', 3)
              span.writeMessage(
                15,
                (_t, status) => {
                  text(status, 2, 'UNABLE_TO_LOCK_ROW')
                  status.writeTag(3, 0)
                  status.writeVarint(2)
                },
                null,
              )
            },
            null,
          )
        },
        null,
      )
      // The resource may stand behind its spans.
      rs.writeMessage(1, (_r, resource) => pair(resource, 1, 'service.name', 'order-sync'), null)
    },
    null,
  )
  return writer.finish()
}
