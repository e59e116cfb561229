/**
 * Spool: the file that an accepted delivery reaches before its 200. Everything that waits while one fdatasync runs
 * shares the next. An error of the disk seals the segment and is answered with 503: what a later sync says about earlier
 * pages proves nothing. Full means 503 as well, so that the sender keeps the event; nothing is ever dropped here.
 */
import { unlinkSync } from 'node:fs'
import { statfs, truncate, unlink, type FileHandle } from 'node:fs/promises'
import { PlumblineError } from '../../errors.ts'
import { encodeRecord, scan, type Scanned, type SpoolHeader } from './record.ts'
import { createMarks } from './marks.ts'
import { before, createSegment, mend, readPart, scanFile, segmentsIn, writeWhole } from './segment.ts'
import type { Position, Segment } from './segment.ts'

export type { Position } from './segment.ts'
export type { Scanned, SpoolHeader } from './record.ts'

export interface SpoolOptions {
  folder: string
  /** Bytes that may wait in it; from there on nothing more is accepted. */
  maxBytes: number
  /** A segment that has reached this size is closed; default 32 MB. */
  segmentBytes?: number
  /** Free space of the disk that is left to the stores; default 64 MB. */
  reserveBytes?: number
  /** Up to where everything has been taken out, as it was committed. */
  from: Position | null
  clock: { now(): number }
}

export interface SpoolState {
  /** Deliveries and bytes that wait. */
  depth: number
  bytes: number
  maxBytes: number
  /** When the oldest of them came, epoch ms. */
  oldestAt: number | null
  segments: number
  /** Syncs, and deliveries that they made durable: how many shared one. */
  syncs: number
  synced: number
  /** Bytes of a torn tail that were cut off at start-up. */
  torn: number
  /** What the disk said last; null while it works. */
  failure: string | null
}

export interface Spool {
  /**
   * Resolves when the delivery is on disk.
   * @throws PlumblineError `full` with a time to wait: the sender must keep it
   */
  append(header: SpoolHeader, body: Uint8Array): Promise<Position>
  /** What waits behind `from` in one segment, about `most` bytes of it; null when nothing does. */
  read(from: Position | null, most: number): Promise<{ segment: number; items: Scanned[] } | null>
  /** Where the next one to be taken out is read from. */
  readonly position: Position | null
  /** Everything up to here is stored and the position committed: `count` deliveries, whose files may go. */
  release(through: Position, count: number): Promise<void>
  state(): SpoolState
  close(): Promise<void>
}

const SEGMENT_BYTES = 32 * 1024 * 1024
const RESERVE_BYTES = 64 * 1024 * 1024
/** Bytes written with one sync. */
const GROUP_BYTES = 8 * 1024 * 1024
/** After an error of the disk it is left alone for this long. */
const REST_MS = 250
const ROOM_EVERY_MS = 1_000
/** What a sender is told to wait. */
const RETRY_MS = 5_000

interface Waiting {
  bytes: Buffer
  at: number
  done(position: Position): void
  failed(error: PlumblineError): void
}

export function openSpool(options: SpoolOptions): Spool {
  const { folder, maxBytes, clock } = options
  const { segmentBytes = SEGMENT_BYTES, reserveBytes = RESERVE_BYTES } = options
  const segments = segmentsIn(folder)
  let taken = options.from
  const state = { syncs: 0, synced: 0, torn: 0, failure: null as string | null }
  const marks = createMarks()
  if (segments.length > 0) state.torn = mend(segments.at(-1)!)
  // Taken out before the last stop, and only the deletion was missing.
  while (segments[0] && taken && segments[0].number < taken.segment) unlinkSync(segments.shift()!.path)
  for (const segment of segments)
    for (const found of scanFile(segment, segment.number === taken?.segment ? taken.offset : 0))
      marks.add({ segment: segment.number, offset: found.end }, found.what === 'record' ? found.header.at : clock.now())

  let active: { segment: Segment; file: FileHandle } | null = null
  let next = Math.max(taken?.segment ?? 0, segments.at(-1)?.number ?? 0) + 1
  let waiting: Waiting[] = []
  let waitingBytes = 0
  let flushing: Promise<void> | null = null
  let restUntil = 0
  let room = { askedAt: Number.NEGATIVE_INFINITY, enough: true }
  let closed = false

  const held = () => segments.reduce((sum, s) => sum + s.durable - (s.number === taken?.segment ? taken.offset : 0), 0)
  const refusal = (message: string, remedy: string, cause?: unknown) =>
    new PlumblineError('full', message, { remedy, retryable: true, retryAfterMs: RETRY_MS, cause })

  async function seal(): Promise<void> {
    const { file } = active!
    active = null
    await file.close().catch(() => {})
  }

  /** What was written of a group that failed was never acknowledged: it is cut off where the disk lets us. */
  async function abandon(): Promise<void> {
    if (!active) return
    const { segment } = active
    await seal()
    if (segment.durable === 0) {
      segments.splice(segments.indexOf(segment), 1)
      await unlink(segment.path).catch(() => {})
    } else await truncate(segment.path, segment.durable).catch(() => {})
  }

  async function enoughRoom(): Promise<boolean> {
    if (clock.now() - room.askedAt < ROOM_EVERY_MS) return room.enough
    const { bavail, bsize } = await statfs(folder)
    room = { askedAt: clock.now(), enough: bavail * bsize >= reserveBytes }
    return room.enough
  }

  function takeGroup(): Waiting[] {
    let size = 0
    let n = 0
    while (n < waiting.length && (n === 0 || size + waiting[n]!.bytes.length <= GROUP_BYTES))
      size += waiting[n++]!.bytes.length
    return waiting.splice(0, n)
  }

  async function keep(group: readonly Waiting[]): Promise<void> {
    if (!(await enoughRoom()))
      throw refusal(
        'The disk of the data folder is nearly full.',
        'Free space there; senders send again by themselves.',
      )
    if (!active) {
      active = await createSegment(folder, next++)
      segments.push(active.segment)
    }
    const { segment, file } = active
    const bytes = group.length === 1 ? group[0]!.bytes : Buffer.concat(group.map((w) => w.bytes))
    await writeWhole(file, bytes, segment.durable)
    await file.datasync()
    state.syncs++
    state.synced += group.length
    for (const w of group) {
      segment.durable += w.bytes.length
      const position = { segment: segment.number, offset: segment.durable }
      marks.add(position, w.at)
      w.done(position)
    }
    state.failure = null
    if (segment.durable >= segmentBytes) await seal()
  }

  async function flush(): Promise<void> {
    while (waiting.length > 0) {
      const group = takeGroup()
      try {
        await keep(group)
      } catch (thrown) {
        await abandon()
        const error =
          thrown instanceof PlumblineError
            ? thrown
            : refusal('The spool cannot be written.', 'Look at the disk of the data folder.', thrown)
        state.failure = thrown instanceof Error ? thrown.message : String(thrown)
        restUntil = clock.now() + REST_MS
        for (const w of group) w.failed(error)
      }
      for (const w of group) waitingBytes -= w.bytes.length
    }
    flushing = null
  }

  return {
    append(header, body) {
      const bytes = encodeRecord(header, body)
      if (closed) return Promise.reject(refusal('The server is stopping.', 'Send it again in a moment.'))
      if (held() + waitingBytes + bytes.length > maxBytes)
        return Promise.reject(refusal('The spool is full.', 'Deliveries wait for the facts; raise intake.spool_mb.'))
      if (clock.now() < restUntil)
        return Promise.reject(refusal('The spool cannot be written.', 'Look at the disk of the data folder.'))
      waitingBytes += bytes.length
      return new Promise<Position>((done, failed) => {
        waiting.push({ bytes, at: header.at, done, failed })
        flushing ??= flush()
      })
    },
    get position() {
      return taken
    },
    async read(from, most) {
      const segment = segments.find(
        (s) => !from || s.number > from.segment || (s.number === from.segment && from.offset < s.durable),
      )
      if (!segment) return null
      const start = from?.segment === segment.number ? from.offset : 0
      const bytes = await readPart(segment, start, most)
      const whole = start + bytes.length >= segment.durable
      const items = [...scan(bytes, start, whole)]
      // A record longer than the batch, or damage whose end is not in sight.
      if (items.length === 0 && !whole) return this.read(from, segment.durable)
      return { segment: segment.number, items }
    },
    async release(through, count) {
      if (taken && before(through, taken)) return
      taken = through
      marks.drop(through, count)
      const done = segments.filter(
        (s) =>
          s !== active?.segment &&
          (s.number < through.segment || (s.number === through.segment && through.offset >= s.durable)),
      )
      for (const segment of done) {
        segments.splice(segments.indexOf(segment), 1)
        await unlink(segment.path).catch(() => {})
      }
    },
    state: () => ({
      depth: marks.count(),
      bytes: held(),
      maxBytes,
      oldestAt: marks.oldest(),
      segments: segments.length,
      ...state,
    }),
    async close() {
      closed = true
      await flushing
      if (active) await seal()
    },
  }
}
