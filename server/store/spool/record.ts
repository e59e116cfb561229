/**
 * Spool record: `length | crc32 | header length | header | body`, all numbers 32 bits little-endian. The length counts
 * what follows the checksum, and the checksum covers it. Damage is stepped over: what can be read behind it is kept.
 */
import { crc32 } from 'node:zlib'

/** What the spool is told of a delivery beside its bytes; JSON. `at` is when it came, epoch ms. */
export type SpoolHeader = Record<string, unknown> & { at: number }

/** `start` and `end` are offsets in the segment. */
export type Scanned =
  | { what: 'record'; header: SpoolHeader; body: Buffer; start: number; end: number }
  | { what: 'damaged'; bytes: Buffer; start: number; end: number }

/** Length and checksum. */
const FRAME = 8
const PREFIX = FRAME + 4

/** No record is longer: the largest body that is accepted, and its headers. */
export const RECORD_BYTES_MAX = 64 * 1024 * 1024

export function encodeRecord(header: SpoolHeader, body: Uint8Array): Buffer {
  const head = Buffer.from(JSON.stringify(header))
  const record = Buffer.allocUnsafe(PREFIX + head.length + body.length)
  record.writeUInt32LE(record.length - FRAME, 0)
  record.writeUInt32LE(head.length, FRAME)
  head.copy(record, PREFIX)
  record.set(body, PREFIX + head.length)
  record.writeUInt32LE(crc32(record.subarray(FRAME)), 4)
  return record
}

/** Bytes that the record at `at` says it has; null where nothing that begins like one stands there. */
function claimed(bytes: Buffer, at: number): number | null {
  if (at + PREFIX + 2 > bytes.length) return null
  const length = bytes.readUInt32LE(at)
  const head = bytes.readUInt32LE(at + FRAME)
  // Every header is a JSON object with members: cheap to look at, so that a search computes few checksums.
  const begins = bytes[at + PREFIX] === 0x7b && bytes[at + PREFIX + 1] === 0x22
  return begins && length <= RECORD_BYTES_MAX && head + 4 <= length ? FRAME + length : null
}

function recordAt(bytes: Buffer, at: number, base: number): Scanned | null {
  const size = claimed(bytes, at)
  if (size === null || at + size > bytes.length) return null
  const inside = bytes.subarray(at + FRAME, at + size)
  if (crc32(inside) !== bytes.readUInt32LE(at + 4)) return null
  const head = bytes.readUInt32LE(at + FRAME)
  const header = JSON.parse(inside.toString('utf8', 4, 4 + head)) as SpoolHeader
  return { what: 'record', header, body: inside.subarray(4 + head), start: base + at, end: base + at + size }
}

/**
 * Everything in the bytes, in order. What is no record up to the next one, or to the end, is one damaged part.
 * @param whole false where the segment goes on behind the bytes: what may be a record that is cut is left to the next batch
 */
export function* scan(bytes: Buffer, base = 0, whole = true): Generator<Scanned> {
  for (let at = 0; at < bytes.length;) {
    const found = recordAt(bytes, at, base)
    if (found) {
      yield found
      at = found.end - base
      continue
    }
    const size = claimed(bytes, at)
    if (!whole && size !== null && at + size > bytes.length) return
    let next = at + 1
    while (next < bytes.length && recordAt(bytes, next, base) === null) next++
    if (!whole && next === bytes.length) return
    yield { what: 'damaged', bytes: bytes.subarray(at, next), start: base + at, end: base + next }
    at = next
  }
}
