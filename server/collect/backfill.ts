/**
 * Back-fill: a range of time read again, after its cost was shown. It goes on where it stopped, shares the call budget with
 * everything else at the lowest priority, and leaves the cursors of ordinary reading where they are.
 */
import type { Cursor, RangeCost, Stream, StreamContext } from '../../connectors/contract.ts'
import type { Context } from '../context.ts'
import { asError, PlumblineError } from '../errors.ts'
import { inTurn } from '../store/turns.ts'
import type { Counts } from './intake.ts'
import { createIntake } from './intake.ts'
import { PAGE_SIZE } from './limits.ts'
import { createMapper } from './mapping.ts'
import type { OpenPlatform } from './platform.ts'
import { openPlatform } from './platform.ts'

export interface BackfillRange {
  /** Epoch ms; `to` exclusive. */
  from: number
  to: number
  /** Names of streams; default: every stream that can read a range. */
  streams?: readonly string[]
}

export interface StreamCost extends RangeCost {
  stream: string
  kind: string
  /** A run over this very range was broken off: it goes on there, and costs less. */
  resumes: boolean
}

export interface StreamBackfill extends Counts {
  stream: string
  error: { code: string; message: string; remedy?: string } | null
}

interface Place {
  from: number
  to: number
  cursor: Cursor
}

const keyOf = (open: OpenPlatform, stream: Stream<never>) => `backfill ${open.name}/${stream.name}`

/** What it would take, stream by stream, without reading a row. */
export async function backfillCost(ctx: Context, platform: string, range: BackfillRange): Promise<StreamCost[]> {
  const open = openPlatform(ctx, platform)
  const costs: StreamCost[] = []
  for (const stream of await able(ctx, open, range)) {
    const unknown: RangeCost = { calls: null, rows: null, exact: false, by: 'change' }
    const cost = (await stream.cost?.(open.context('sweep'), range)) ?? unknown
    costs.push({ stream: stream.name, kind: stream.kind, ...cost, resumes: placeOf(ctx, open, stream, range) !== null })
  }
  return costs
}

/** Told after every page: the stream, and how many of its rows were read so far. */
export type BackfillProgress = (stream: string, read: number) => void

/** Reads the range. What fails inside a stream is in its result; the others go on. */
export async function backfill(
  ctx: Context,
  platform: string,
  range: BackfillRange,
  progress: BackfillProgress = () => undefined,
): Promise<StreamBackfill[]> {
  const open = openPlatform(ctx, platform)
  const done: StreamBackfill[] = []
  for (const stream of await able(ctx, open, range)) {
    if (ctx.signal.aborted) break
    done.push(
      await inTurn(ctx.control, `stream ${platform}/${stream.name}`, () => fill(ctx, open, stream, range, progress)),
    )
  }
  return done
}

async function fill(
  ctx: Context,
  open: OpenPlatform,
  stream: Stream<never>,
  range: BackfillRange,
  progress: BackfillProgress,
): Promise<StreamBackfill> {
  const counts: Counts = { read: 0, stored: 0, unchanged: 0, stale: 0, quarantined: 0, deleted: 0 }
  const key = keyOf(open, stream)
  const context = open.context('sweep')
  const mapper = createMapper(ctx.config, open.name, stream, context)
  const intake = createIntake({
    ctx,
    platform: open.name,
    stream,
    mapper,
    payloads: open.payloads(stream.name),
    // Rows of a range show the present state, whatever the range goes by.
    present: true,
    unique: false,
    lagMs: open.connector.lagMs,
    counts,
  })
  const reading: StreamContext<never> = { ...context, mode: 'changes', pageSize: PAGE_SIZE }
  ctx.control.declareStream(open.name, stream.name, stream.kind)
  try {
    for await (const page of stream.range!(reading, range, placeOf(ctx, open, stream, range)?.cursor ?? null)) {
      if (page.held) mapper.holds(page.held, page.source?.columns ?? null)
      await intake.take(page.rows, null, page.source?.columns.join('\u001f') ?? '')
      progress(stream.name, counts.read)
      // Rows are durable: from here on it need not begin again.
      if (page.cursor !== undefined)
        ctx.control.set(key, JSON.stringify({ from: range.from, to: range.to, cursor: page.cursor } satisfies Place))
      if (ctx.signal.aborted)
        throw new PlumblineError('upstream', 'The back-fill was stopped.', {
          remedy: 'Start it again: it goes on where it stopped.',
        })
    }
    ctx.control.set(key, '')
    return { stream: stream.name, ...counts, error: null }
  } catch (thrown) {
    const { code, message, remedy } = asError(thrown)
    return { stream: stream.name, ...counts, error: { code, message, ...(remedy !== undefined && { remedy }) } }
  }
}

/** Where a run over the same range was broken off. */
function placeOf(ctx: Context, open: OpenPlatform, stream: Stream<never>, { from, to }: BackfillRange): Place | null {
  const kept = ctx.control.get(keyOf(open, stream))
  const place = kept ? (JSON.parse(kept) as Place) : null
  return place?.from === from && place.to === to ? place : null
}

/** @throws PlumblineError for a range that is none, and for a platform that cannot read one */
async function able(ctx: Context, open: OpenPlatform, { from, to, streams }: BackfillRange): Promise<Stream<never>[]> {
  if (!(from < to) || from > ctx.clock.now())
    throw new PlumblineError('config', 'The range ends before it begins, or lies ahead.', {
      remedy: 'Give --from and --to as days or instants, from before to.',
    })
  const all = await open.streams()
  const unknown = streams?.find((name) => !all.some((s) => s.name === name))
  if (unknown !== undefined)
    throw new PlumblineError('not_found', `${open.name} has no stream ${unknown}.`, {
      remedy: `It has ${all.map((s) => s.name).join(', ')}.`,
    })
  const found = all.filter((s) => s.range && (streams?.includes(s.name) ?? true))
  if (found.length === 0)
    throw new PlumblineError('config', `${open.name} cannot read a range of time.`, {
      remedy: 'Read everything once with `plumbline collect --full`.',
    })
  return found
}
