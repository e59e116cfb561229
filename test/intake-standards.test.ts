/** The doors of standards: CloudEvents in every mode and OTLP traces in both encodings, over real HTTP and the real engine. */
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { events } from '../server/store/facts/events.ts'
import { spans } from '../server/store/facts/spans.ts'
import { deliveries, type Deliveries } from './world/deliveries.ts'
import { protobuf } from './world/otlp-request.ts'

let it_: Deliveries
beforeAll(async () => {
  it_ = await deliveries()
}, 60_000)
afterAll(() => it_?.end())

const told = (correlationId: string) => events(it_.running.runtime.ctx.facts, { correlationId }, 100)
const json = { 'content-type': 'application/json' }
const bearer = () => ({ authorization: `Bearer ${it_.token}` })

const CHANGE = {
  id: 'job-1',
  at: '2026-11-20T11:58:00Z',
  status: 'failed',
  target: 'crm',
  change: 'chg-1',
  error: 'field is read only',
  attempt: 2,
  customer: { id: 'N1', terms: 'net_45' },
}

describe('CloudEvents', () => {
  const EVENT = {
    specversion: '1.0',
    id: 'ce-1',
    source: '/sap/s4/100',
    type: 'sap.s4.beh.businesspartner.v1.BusinessPartner.Changed.v1',
    time: '2026-11-20T11:30:00Z',
    xcorrelation: 'ce-chg-1',
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    data: { BusinessPartner: 'N2' },
  }

  it('come in binary, structured and batched, and are one by source and id', async () => {
    const { data, ...attributes } = EVENT
    const binary = Object.fromEntries(
      Object.entries(attributes).map(([k, v]) => [`ce-${k}`, k === 'source' ? '%2Fsap%2Fs4%2F100' : v]),
    )
    const sent = [
      await it_.send('/v1/events', JSON.stringify(data), { ...json, ...binary, ...bearer() }),
      await it_.send('/v1/events', JSON.stringify(EVENT), {
        'content-type': 'application/cloudevents+json; charset=utf-8',
        ...bearer(),
      }),
      await it_.send('/v1/events', JSON.stringify([EVENT, { ...EVENT, id: 'ce-2', data: { BusinessPartner: 'N1' } }]), {
        'content-type': 'application/cloudevents-batch+json',
        ...bearer(),
      }),
      await it_.send('/hooks/broker', JSON.stringify(EVENT), {
        'content-type': 'application/cloudevents+json',
        authorization: 'Bearer broker-token-1',
      }),
    ]
    expect(sent.map((r) => r.status)).toEqual([202, 202, 202, 202])
    await it_.drain()
    expect((await told('ce-chg-1')).map((e) => [e.id, e.record_id, e.reported_by, e.trace_id])).toEqual([
      ['/sap/s4/100 ce-2/0', 'N1', 'broker', '4bf92f3577b34da6a3ce929d0e0e4736'],
      ['/sap/s4/100 ce-1/0', 'N2', 'broker', '4bf92f3577b34da6a3ce929d0e0e4736'],
    ])
  })

  it('are refused by name where they are none, nobody owns them or the sender is not known', async () => {
    const post = async (
      body: unknown,
      headers: Record<string, string> = bearer(),
      type = 'application/cloudevents+json',
    ) => {
      const reply = await it_.send('/v1/events', JSON.stringify(body), { 'content-type': type, ...headers })
      return [reply.status, ((await reply.json()) as { title: string }).title] as const
    }
    expect(await post({ ...EVENT, specversion: '0.3' })).toEqual([
      400,
      expect.stringMatching(/specversion must be 1.0/),
    ])
    expect(await post([EVENT, { ...EVENT, id: '' }], bearer(), 'application/cloudevents-batch+json')).toEqual([
      400,
      expect.stringMatching(/id event 2 of 2/),
    ])
    expect(await post(EVENT, bearer(), 'application/cloudevents+avro')).toEqual([
      415,
      expect.stringMatching(/event format/),
    ])
    expect(await post({ ...EVENT, source: '/nobody' })).toEqual([
      422,
      expect.stringMatching(/No platform takes events of the source \/nobody/),
    ])
    expect((await post(EVENT, {}))[0]).toBe(401)
    expect((await post(EVENT, { authorization: 'Bearer guess' }))[0]).toBe(401)
    expect(
      (await it_.send('/hooks/broker', JSON.stringify(EVENT), { 'content-type': 'application/cloudevents+json' }))
        .status,
    ).toBe(401)
  })

  it('leave events in our own words to be answered at once', async () => {
    const own = {
      at: '2026-11-20T10:00:00Z',
      type: 'sent',
      reported_by: 'erp',
      to_platform: 'crm',
      kind: 'customer',
      record_id: 'N1',
    }
    const reply = await it_.send('/v1/events', JSON.stringify([own]), { ...json, ...bearer() })
    expect(await reply.json()).toEqual({ stored: 1, known: 0, refused: [] })
  })

  it('greet senders that ask first', async () => {
    const ask = (path: string, origin: string) =>
      it_.send(path, '', { 'webhook-request-origin': origin, 'webhook-request-rate': '120' }, 'OPTIONS')
    const open = await ask('/v1/events', 'eventemitter.example.com')
    expect([open.status, open.headers.get('webhook-allowed-origin'), open.headers.get('webhook-allowed-rate')]).toEqual(
      [200, 'eventemitter.example.com', '*'],
    )
    const known = await ask('/hooks/broker', 'broker.example.com')
    expect([
      known.status,
      known.headers.get('webhook-allowed-origin'),
      known.headers.get('webhook-allowed-rate'),
    ]).toEqual([200, 'broker.example.com', '600'])
    const stranger = await ask('/hooks/broker', 'else.example.com')
    expect([stranger.status, stranger.headers.get('webhook-allowed-origin')]).toEqual([405, null])
  })
})

describe('traces', () => {
  const TRACE = '5b8efff798038103d269b633813fc60c'
  const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } })
  const request = (spanId: string, more: Record<string, unknown> = {}, service = 'order-sync') => ({
    resourceSpans: [
      {
        resource: { attributes: [attribute('service.name', service)] },
        scopeSpans: [
          {
            spans: [
              {
                traceId: TRACE.toUpperCase(),
                spanId,
                name: 'PATCH Account',
                kind: 3,
                startTimeUnixNano: '1795174200123456789',
                endTimeUnixNano: '1795174200623456789',
                attributes: [
                  attribute('peer.service', 'salesforce'),
                  attribute('customer.id', 'N2'),
                  attribute('correlation.id', 'otlp-1'),
                  { key: 'messaging.delivery_attempt', value: { intValue: '3' } },
                ],
                status: { code: 2, message: 'UNABLE_TO_LOCK_ROW' },
                ...more,
              },
            ],
          },
        ],
      },
    ],
  })

  it('are kept as spans, and a call that carries a record is a delivery with its answer', async () => {
    const reply = await it_.send('/v1/traces', gzipSync(JSON.stringify(request('eee19b7ec3c1b174'))), {
      ...json,
      'content-encoding': 'gzip',
      ...bearer(),
    })
    expect([reply.status, await reply.json()]).toEqual([200, {}])
    await it_.drain()
    expect(
      (await told('otlp-1')).map((e) => [
        e.type,
        e.at,
        e.from_platform,
        e.to_platform,
        e.record_id,
        e.trace_id,
        e.message,
      ]),
    ).toEqual([
      ['rejected', '2026-11-20T11:30:00.623Z', 'erp', 'crm', 'N2', TRACE, 'UNABLE_TO_LOCK_ROW'],
      ['sent', '2026-11-20T11:30:00.123Z', 'erp', 'crm', 'N2', TRACE, null],
    ])
    expect(await spans(it_.running.runtime.ctx.facts, { key: 'N2' }, 10)).toMatchObject([
      {
        trace_id: TRACE,
        span_id: 'eee19b7ec3c1b174',
        service: 'order-sync',
        platform: 'erp',
        operation: 'PATCH Account',
        kind: 'client',
        status: 'error',
        duration_us: 500_000,
        correlation_id: 'otlp-1',
        attempt: 3,
        keys: { customer: 'N2' },
      },
    ])
  })

  it('are read in protocol buffers to the same, and answered in kind', async () => {
    const reply = await it_.send('/v1/traces', protobuf(TRACE, 'eee19b7ec3c1b175'), {
      'content-type': 'application/x-protobuf',
      ...bearer(),
    })
    expect([reply.status, reply.headers.get('content-type'), (await reply.arrayBuffer()).byteLength]).toEqual([
      200,
      'application/x-protobuf',
      0,
    ])
    await it_.drain()
    const [json_, binary] = await spans(it_.running.runtime.ctx.facts, { traceId: TRACE }, 10)
    expect(binary).toEqual({ ...json_, span_id: 'eee19b7ec3c1b175' })
  })

  it('tell which spans were not taken, and take the others', async () => {
    const body = request('eee19b7ec3c1b176')
    body.resourceSpans.push(
      ...request('00', {}).resourceSpans,
      ...request('eee19b7ec3c1b177', { endTimeUnixNano: '1' }).resourceSpans,
    )
    const reply = await it_.send('/v1/traces', JSON.stringify(body), { ...json, ...bearer() })
    expect([reply.status, await reply.json()]).toEqual([
      200,
      {
        partialSuccess: {
          rejectedSpans: '2',
          errorMessage: '1: the span id is not 8 bytes; 1: the end lies before the start',
        },
      },
    ])
    const torn = await it_.send('/v1/traces', protobuf(TRACE, 'eee19b7ec3c1b175').subarray(0, 60), {
      'content-type': 'application/x-protobuf',
      ...bearer(),
    })
    expect(torn.status).toBe(400)
    expect((await it_.send('/v1/traces', '<xml/>', { 'content-type': 'text/xml', ...bearer() })).status).toBe(415)
    expect(
      (
        await it_.send('/v1/traces', gzipSync(Buffer.alloc(5_000_000)), {
          ...json,
          'content-encoding': 'gzip',
          ...bearer(),
        })
      ).status,
    ).toBe(413)
    expect((await it_.send('/v1/traces', '{}', json)).status).toBe(401)
    expect(
      (
        await it_.send('/hooks/traces/v1/traces', JSON.stringify(request('eee19b7ec3c1b178')), {
          ...json,
          'x-otlp-token': 'otlp-token-1',
        })
      ).status,
    ).toBe(200)
    expect((await it_.send('/hooks/traces/v1/traces', JSON.stringify(request('eee19b7ec3c1b178')), json)).status).toBe(
      401,
    )
    await it_.drain()
    expect((await spans(it_.running.runtime.ctx.facts, { traceId: TRACE }, 10)).map((s) => s.span_id)).toEqual([
      'eee19b7ec3c1b174',
      'eee19b7ec3c1b175',
      'eee19b7ec3c1b176',
      'eee19b7ec3c1b178',
    ])
  })
})
