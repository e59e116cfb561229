/**
 * Collect: reads a platform's streams one after the other, each as a run of its own with its own outcome. A stream that
 * fails is degraded and says why; the others go on.
 */
import { randomUUID } from 'node:crypto'
import { SpanStatusCode, trace } from '@opentelemetry/api'
import type { Stream } from '../../connectors/contract.ts'
import type { Context } from '../context.ts'
import type { PlumblineError } from '../errors.ts'
import { asError } from '../errors.ts'
import type { Tally } from '../http.ts'
import { liveCount } from '../store/facts/versions.ts'
import { quarantineCounts } from '../store/facts/quarantine.ts'
import { inTurn } from '../store/turns.ts'
import { collectEvents, type EventsResult } from './events.ts'
import { countVolume, rememberShape } from './contract-changes.ts'
import type { Counts } from './intake.ts'
import { COUNT_EVERY_MS } from './limits.ts'
import { mappingFingerprint } from './mapping.ts'
import type { OpenPlatform } from './platform.ts'
import { openPlatform } from './platform.ts'
import type { Mode } from './stream.ts'
import { readStream } from './stream.ts'
import { watching } from './watch.ts'

export interface StreamResult extends Counts {
  stream: string
  kind: string
  /** What people should know: unknown columns, files left out. */
  notes: string[]
  error: { code: string; message: string; remedy?: string } | null
  /** Why the stream stopped to ask: too much vanished. */
  stopped: string | null
  /** Epoch ms; null before the first complete reading. */
  completeThrough: number | null
}

export interface CollectResult {
  platform: string
  streams: StreamResult[]
  /** Recorded events that it reported; left out where it reports none. */
  events?: EventsResult
}

export interface CollectOptions {
  mode: Mode
  /** Names of streams; default: all that the configuration asks for. */
  streams?: readonly string[]
  /** Told after every page. */
  progress?: CollectProgress | undefined
}

/**
 * How far the reading of one platform is: rows read so far over all its streams, rows that there are (null: nobody knows),
 * and the stream that is read now.
 */
export type CollectProgress = (read: number, of: number | null, stream: string) => void

/** @throws PlumblineError only where no stream could even be found; what fails inside a stream is in its result */
export async function collect(
  ctx: Context,
  platformName: string,
  { mode, streams, progress }: CollectOptions,
): Promise<CollectResult> {
  const open = openPlatform(ctx, platformName)
  const all = await discovered(ctx, open)
  const wanted = all.filter((s) => streams?.includes(s.name) ?? true)
  const results: StreamResult[] = []
  const expected = progress ? await expectedRows(ctx, open, wanted, mode) : null
  for (const stream of wanted) {
    if (ctx.signal.aborted) break
    // Two readings of one stream at once would both believe that they move its cursor.
    results.push(
      await inTurn(ctx.control, `stream ${platformName}/${stream.name}`, () =>
        runAndRemap(ctx, open, stream, mode, (read) =>
          progress?.(
            results.reduce((n, r) => n + r.read, read),
            expected,
            stream.name,
          ),
        ),
      ),
    )
  }
  const events = streams && !streams.includes('events') ? null : await collectEvents(ctx, open)
  return { platform: platformName, streams: results, ...(events && { events }) }
}

/**
 * Rows that a reading of everything will bring, by the platform's own count; null where a stream cannot say, and where only
 * changes are read: nobody knows their number before.
 */
async function expectedRows(
  ctx: Context,
  open: OpenPlatform,
  streams: readonly Stream<never>[],
  mode: Mode,
): Promise<number | null> {
  let rows = 0
  for (const stream of streams) {
    const known = ctx.control.stream(open.name, stream.name)
    if (mode === 'changes' && known && known.cursor !== null) return null
    const theirs = known?.completeness?.theirs ?? (await stream.count?.(open.context('read')).catch(() => null)) ?? null
    if (theirs === null) return null
    rows += theirs
  }
  return rows
}

/** The platform's streams; tells the landscape which kinds there are, and names those that were there and are not. */
async function discovered(ctx: Context, open: OpenPlatform): Promise<readonly Stream<never>[]> {
  const known = ctx.control.streams().filter((s) => s.platform === open.name)
  let all: readonly Stream<never>[]
  try {
    all = await open.streams()
  } catch (thrown) {
    const error = asError(thrown)
    for (const { stream } of known)
      ctx.control.commitStream(open.name, stream, { lastError: { ...said(error), at: ctx.clock.now() } })
    throw error
  }
  if (open.connector.discover) tellLandscape(ctx, open.name, all)
  for (const { stream } of known) {
    if (all.some((s) => s.name === stream)) continue
    const lastError = {
      code: 'config',
      message: `${open.name} no longer has the stream ${stream}.`,
      remedy: 'Put its source back; its records stay as they were last seen.',
      at: ctx.clock.now(),
    }
    ctx.control.commitStream(open.name, stream, { lastError })
  }
  return all
}

function tellLandscape({ landscape }: Context, platform: string, streams: readonly Stream<never>[]): void {
  if ('setKeeps' in landscape && typeof landscape.setKeeps === 'function')
    landscape.setKeeps(
      platform,
      streams.map((s) => s.kind),
    )
}

/**
 * A changed mapping means that what is stored was read with other eyes: everything is read once more, so that no
 * record waits for its next change to be seen as the configuration now says.
 */
async function runAndRemap(
  ctx: Context,
  open: OpenPlatform,
  stream: Stream<never>,
  mode: Mode,
  told: (read: number) => void,
): Promise<StreamResult> {
  const key = `mapping ${open.name}/${stream.name}`
  const now = mappingFingerprint(ctx.config, open.name, stream.kind)
  const before = ctx.control.get(key)
  const result = await runStream(ctx, open, stream, mode, told)
  if (result.error || before === now) return result
  if (before === null || mode === 'full') {
    ctx.control.set(key, now)
    return result
  }
  const again = await runStream(ctx, open, stream, 'full', (read) => told(result.read + read))
  if (!again.error) ctx.control.set(key, now)
  const counts = Object.fromEntries(COUNTED.map((name) => [name, result[name] + again[name]])) as unknown as Counts
  return { ...again, ...counts }
}

const COUNTED = ['read', 'stored', 'unchanged', 'stale', 'quarantined', 'deleted'] as const

async function runStream(
  ctx: Context,
  open: OpenPlatform,
  stream: Stream<never>,
  mode: Mode,
  told: (read: number) => void,
): Promise<StreamResult> {
  const { control, clock } = ctx
  const subject = `${open.name}/${stream.name}`
  const id = randomUUID()
  const counts: Counts = { read: 0, stored: 0, unchanged: 0, stale: 0, quarantined: 0, deleted: 0 }
  const notes: string[] = []
  control.declareStream(open.name, stream.name, stream.kind)
  control.startRun({ id, stage: 'collect', subject, startedAt: clock.now() })
  const span = trace.getTracer('plumbline').startSpan('collect stream', {
    attributes: { 'plumbline.platform': open.name, 'plumbline.stream': stream.name, 'plumbline.mode': mode },
  })
  const before = control.stream(open.name, stream.name)!
  const asked = open.http.tally()
  const watched = watching(stream.kind)
  let error: PlumblineError | null = null
  try {
    await readStream(ctx, open, stream, mode, counts, notes, watched, () => told(counts.read))
    await measure(ctx, open, stream, mode).catch((thrown: unknown) =>
      notes.push(`The platform’s own count could not be read: ${asError(thrown).message}`),
    )
    control.commitStream(open.name, stream.name, { lastSuccessAt: clock.now(), lastError: null })
  } catch (thrown) {
    error = asError(thrown)
    control.commitStream(open.name, stream.name, { lastError: { ...said(error), at: clock.now() } })
    ctx.log.warn('a stream could not be read to its end', {
      platform: open.name,
      stream: stream.name,
      code: error.code,
      reason: error.message,
    })
    span.setStatus({ code: SpanStatusCode.ERROR, message: error.code })
  }
  rememberShape(ctx, open.name, stream, watched.observer, watched.read())
  // The first reading and a complete one bring what is there, not what changed.
  if (mode === 'changes' && before.lastSuccessAt !== null && !error)
    countVolume(ctx, open.name, stream.name, counts.stored + counts.deleted)
  await countQuarantine(ctx, open.name, stream, counts)
  keepNotes(ctx, subject, notes)
  const stats = { mode, ...counts, ...since(asked, open), ...(notes.length > 0 && { notes: notes.join('\n') }) }
  control.finishRun(id, error ? 'failed' : 'ok', clock.now(), stats, error && said(error))
  span.setAttributes({ 'plumbline.rows_read': counts.read, 'plumbline.rows_stored': counts.stored })
  span.end()
  const after = control.stream(open.name, stream.name)!
  return {
    stream: stream.name,
    kind: stream.kind,
    ...counts,
    notes,
    error: error && said(error),
    stopped: after.stopped?.reason ?? null,
    completeThrough: after.completeThrough,
  }
}

/** What the platform was asked since; nothing where it is not asked over HTTP. Its streams are read one after the other. */
function since(asked: Tally, { http, connector }: OpenPlatform): Partial<Tally> {
  if (!connector.base) return {}
  const { calls, retries, throttles } = http.tally()
  return { calls: calls - asked.calls, retries: retries - asked.retries, throttles: throttles - asked.throttles }
}

function said({ code, message, remedy }: PlumblineError): { code: string; message: string; remedy?: string } {
  return { code, message, ...(remedy && { remedy }) }
}

/** Notes of a stream's last run (JSON list), for the dashboard: `control.get('notes <platform>/<stream>')`. */
function keepNotes({ control }: Context, subject: string, notes: readonly string[]): void {
  const text = JSON.stringify(notes)
  if ((control.get(`notes ${subject}`) ?? '[]') !== text) control.set(`notes ${subject}`, text)
}

/** The platform's own count beside ours: after every sweep, and otherwise once an hour. */
async function measure(ctx: Context, open: OpenPlatform, stream: Stream<never>, mode: Mode): Promise<void> {
  if (!stream.count) return
  const last = ctx.control.stream(open.name, stream.name)!.completeness?.at ?? 0
  if (mode === 'changes' && ctx.clock.now() - last < COUNT_EVERY_MS) return
  const theirs = await stream.count(open.context('sweep'))
  const ours = await liveCount(ctx.facts, open.name, stream.kind, stream.name)
  ctx.control.commitStream(open.name, stream.name, { completeness: { theirs, ours, at: ctx.clock.now() } })
}

/** Open entries of the stream: asked only where there are or were some. */
async function countQuarantine(ctx: Context, platform: string, stream: Stream<never>, counts: Counts): Promise<void> {
  const before = ctx.control.stream(platform, stream.name)!.quarantined
  if (before === 0 && counts.quarantined === 0) return
  const open = (await quarantineCounts(ctx.facts)).filter((q) => q.platform === platform && q.stream === stream.name)
  ctx.control.commitStream(platform, stream.name, { quarantined: open.reduce((sum, q) => sum + q.n, 0) })
}
