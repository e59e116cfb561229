/**
 * Draining: what the spool holds becomes events, spans and hints. Facts first, then the position and what was seen in one
 * transaction, then the files. Whatever a crash leaves undone is done again: events and spans have deterministic keys, and a
 * delivery that is known says nothing new. Order does not matter: events carry their own time, and a hint only causes a read.
 */
import type { RawRow } from '../../connectors/contract.ts'
import { MappingError } from '../../connectors/contract.ts'
import { hashOf } from '../../connectors/event-rules.ts'
import { rawText } from '../../connectors/exact-json.ts'
import type { HookReading, HookTrust } from '../../connectors/receiver.ts'
import { readEvent, type EventWorld, type RecordedEvent } from '../../model/event.ts'
import { KINDS } from '../../model/kinds.ts'
import type { Span } from '../../model/span.ts'
import { durationMs } from '../config/duration.ts'
import type { Context } from '../context.ts'
import { crashpoint } from '../crashpoint.ts'
import type { Delivered, Hint } from '../store/control/intake.ts'
import { appendEvents } from '../store/facts/events.ts'
import { resolveQuarantine, writeQuarantine } from '../store/facts/quarantine.ts'
import { appendSpans } from '../store/facts/spans.ts'
import type { Scanned, Spool } from '../store/spool/spool.ts'
import { asideOf, ASIDE } from './aside.ts'
import { askedOf, type KeptHeader } from './kept.ts'
import { BATCH_BYTES, BATCH_RECORDS } from './limits.ts'
import type { Tally } from './tally.ts'

interface Batch {
  events: RecordedEvent[]
  spans: Span[]
  hints: Map<string, Pick<Hint, 'platform' | 'stream' | 'recordId'>>
  deliveries: Delivered[]
  aside: ReturnType<typeof asideOf>[]
  /** Deliveries that had been put aside and can be read now, by platform. */
  mended: Map<string, string[]>
}

/** One reading of one delivery, and whom it came to. */
interface Told {
  platform: string
  trust: HookTrust
  reading: HookReading
  content: string
}

/** Takes one batch out; says how many deliveries it had. */
export async function drain(ctx: Context, spool: Spool, tally: Tally): Promise<number> {
  const found = await spool.read(spool.position, BATCH_BYTES)
  const items = found?.items.slice(0, BATCH_RECORDS) ?? []
  const last = items.at(-1)
  const counts = tally.take()
  if (!found || !last) {
    if (counts.length > 0) ctx.control.addHookCounts(counts)
    return 0
  }
  try {
    const batch = read(ctx, items, tally)
    if (batch.events.length > 0) await appendEvents(ctx.facts, ctx.control, batch.events)
    if (batch.spans.length > 0) await appendSpans(ctx.facts, ctx.control, batch.spans)
    await writeQuarantine(ctx.facts, ctx.control, batch.aside)
    for (const [platform, record_ids] of batch.mended)
      await resolveQuarantine(ctx.facts, ctx.control, { platform, stream: ASIDE, record_ids })
    crashpoint('intake-stored')
    const now = ctx.clock.now()
    const through = { segment: found.segment, offset: last.end }
    ctx.control.commitDrained({
      through,
      deliveries: batch.deliveries,
      hints: [...batch.hints.values()],
      now,
      forget: now - durationMs(ctx.config.intake.remember)!,
    })
    ctx.control.addHookCounts([...counts, ...tally.take()])
    crashpoint('intake-committed')
    await spool.release(through, items.length)
  } catch (thrown) {
    // What the batch counted is counted again when it is tried again.
    tally.take()
    tally.giveBack(counts)
    throw thrown
  }
  return items.length
}

function read(ctx: Context, items: readonly Scanned[], tally: Tally): Batch {
  const batch: Batch = { events: [], spans: [], hints: new Map(), deliveries: [], aside: [], mended: new Map() }
  const told: Told[] = []
  const at = new Date(ctx.clock.now()).toISOString()
  for (const item of items) {
    if (item.what === 'damaged') {
      batch.aside.push(
        asideOf({
          platform: '',
          at,
          reason: 'The spool is damaged here; these bytes are all that is left.',
          bytes: item.bytes,
          place: 'spool',
        }),
      )
      continue
    }
    const header = item.header as KeptHeader
    const wrong = readOne(ctx, header, item.body, told)
    const id = hashOf(item.body)
    if (wrong) {
      tally.add(header.platform, 'unread', header.at)
      batch.aside.push(
        asideOf({
          platform: header.platform,
          at,
          ...wrong,
          id,
          header,
          bytes: item.body,
          place: `${header.method} ${header.path}`,
        }),
      )
    } else if (header.replayed === true)
      batch.mended.set(header.platform, [...(batch.mended.get(header.platform) ?? []), id])
  }
  sort(ctx, told, batch, tally)
  return batch
}

/** Readings of one delivery are added to `told`; what could not be read is returned, and never stops the rest. */
function readOne(
  ctx: Context,
  header: KeptHeader,
  body: Buffer,
  told: Told[],
): { field: string; reason: string } | null {
  let wrong: { field: string; reason: string } | null = null
  const failed = (thrown: unknown) => {
    if (!(thrown instanceof MappingError))
      ctx.log.error('a receiver failed', { platform: header.platform, error: String(thrown) })
    wrong ??=
      thrown instanceof MappingError
        ? { field: thrown.field, reason: `${thrown.field}: ${thrown.message}` }
        : { field: '', reason: 'The connector cannot read this delivery.' }
  }
  try {
    for (const { receiver, request } of askedOf(ctx, header, body))
      try {
        for (const reading of receiver.receiver.read(receiver.config, request)) {
          const row =
            reading.events.find((e) => e.unreadable !== undefined) ?? wrongEvent(ctx, receiver.platform, reading.events)
          if (row) wrong ??= { field: '', reason: row.unreadable ?? 'is no event' }
          told.push({
            platform: receiver.platform,
            trust: header.trust,
            reading,
            content: hashOf(rawText([reading.events.map((e) => e.value), reading.hints])),
          })
        }
      } catch (thrown) {
        failed(thrown)
      }
  } catch (thrown) {
    failed(thrown)
  }
  return wrong
}

function world(ctx: Context, reporter: string): EventWorld {
  return {
    platforms: Object.keys(ctx.config.platforms),
    kinds: KINDS.map((k) => k.name),
    reporter,
    now: ctx.clock.now(),
  }
}

function wrongEvent(ctx: Context, platform: string, rows: readonly RawRow[]): { unreadable: string } | null {
  for (const row of rows) {
    const event = readEvent(row.value, world(ctx, platform))
    if ('wrong' in event) return { unreadable: event.wrong }
  }
  return null
}

/** Leaves out what is known, and makes events, spans and hints of the rest. */
function sort(ctx: Context, told: readonly Told[], batch: Batch, tally: Tally): void {
  const known = ctx.control.knownDeliveries(
    told.map(({ platform, reading, content }) => ({ platform, key: reading.key, content })),
  )
  const now = ctx.clock.now()
  for (const { platform, trust, reading, content } of told) {
    const { key } = reading
    batch.deliveries.push({ platform, key, content })
    if (known.has(`${platform}\n${key}\n${content}`)) {
      tally.add(platform, 'again', now)
      continue
    }
    // One id with two contents: both are kept, under names of their own.
    const differs = known.has(`${platform}\n${key}`)
    if (differs) tally.add(platform, 'differs', now)
    known.add(`${platform}\n${key}`).add(`${platform}\n${key}\n${content}`)
    for (const hint of reading.hints) {
      const wanted = { platform: hint.platform ?? platform, stream: hint.stream, recordId: hint.id ?? '' }
      if (ctx.config.platforms[wanted.platform]) batch.hints.set(JSON.stringify(wanted), wanted)
    }
    // What nobody proves is no evidence: the record is read, and speaks for itself. A token proves the sender, and that is enough.
    if (trust === 'unsigned') continue
    batch.spans.push(...(reading.spans ?? []))
    for (const [n, row] of reading.events.entries()) {
      const event =
        row.unreadable === undefined ? readEvent(row.value, world(ctx, platform)) : { wrong: row.unreadable }
      if ('wrong' in event) continue
      if (event.id === '') event.id = `${key}/${n}`
      if (differs) event.id = `${event.id}~${content.slice(0, 8)}`
      batch.events.push(event)
    }
  }
}
