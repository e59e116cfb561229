/**
 * Measuring lag: how long every change took from its owner to each follower.
 *
 * Rows are a pure function of the stored versions and the landscape, entity by entity, and are written under keys that
 * depend on nothing else. A run measures the entities that moved since the last one and writes only rows that became
 * others; then it counts the hours of all rows written since the last run that ended. So a run that was killed is simply
 * run again, and measuring everything gives the same.
 */
import { kindOf } from '../../../model/kinds.ts'
import type { Kind } from '../../../model/kind.ts'
import type { Context } from '../../context.ts'
import { crashpoint } from '../../crashpoint.ts'
import { asError, type PlumblineError } from '../../errors.ts'
import { foldHours } from '../../store/facts/lag-hours.ts'
import {
  entitiesToMeasure,
  lagHistory,
  measuredFields,
  type Stretch,
  type VersionRow,
} from '../../store/facts/lag-history.ts'
import { lagKey, lagOf, writeLag, type LagRow } from '../../store/facts/lag.ts'
import { lastRev } from '../../store/facts/touched.ts'
import { inTurn } from '../../store/turns.ts'
import { creationsOf, existenceOf } from './creation.ts'
import { excludedBy } from './excluded.ts'
import { lagsOf, type Ask } from './outcome.ts'
import { learnPaces } from './pace.ts'
import { partsOf } from './parts.ts'
import { settledBefore } from './settled.ts'
import { entityHistory } from './timeline.ts'
import { measureVersion } from './version.ts'

/** Entities whose versions one read may bring. */
const ENTITIES_A_STRETCH = 50_000

export interface MeasureResult {
  runId: string
  outcome: 'ok' | 'failed'
  error: PlumblineError | null
  full: boolean
  /** Rows that are new or became others, and rows taken back. */
  written: number
  gone: number
  /** Hours counted anew. */
  hours: number
}

interface State {
  version: string
  /** Revision of `touched` up to which entities were measured. */
  through: string
  /** Number of the last run that ended: rows above it have hours that are not counted yet. */
  run: number
}

const KEY = 'measure.lag'

/** @throws only if the run is aborted; any other failure is recorded and returned, and the next run makes it good. */
export function measureLag(ctx: Context, options: { full?: boolean } = {}): Promise<MeasureResult> {
  return inTurn(ctx.control, 'measure lag', () => run(ctx, options.full ?? false))
}

async function run(ctx: Context, wanted: boolean): Promise<MeasureResult> {
  const runId = `measure-${ctx.control.next('run')}`
  const result: MeasureResult = { runId, outcome: 'ok', error: null, full: false, written: 0, gone: 0, hours: 0 }
  ctx.control.startRun({ id: runId, stage: 'measure', subject: 'lag', startedAt: ctx.clock.now() })
  const figures = () => ({ written: result.written, gone: result.gone, hours: result.hours, full: result.full ? 1 : 0 })
  try {
    const text = ctx.control.get(KEY)
    const state = text === null ? null : (JSON.parse(text) as State)
    const version = measureVersion(ctx, ctx.control.streams())
    const through = await lastRev(ctx.facts)
    result.full = wanted || state === null || state.version !== version
    const rev = ctx.control.next('lag')
    const moved = result.full ? null : { after: state!.through, through }
    for (const [kind, entities] of await entitiesToMeasure(ctx.facts, moved))
      await measureKind(ctx, kindOf(kind), entities, { moved, rev }, result)
    crashpoint('lag-written')
    const quiet = result.written + result.gone === 0 && rev === (state?.run ?? 0) + 1
    // A gap in the numbers is a run that was killed: what it wrote is not counted yet.
    if (!quiet) result.hours = await foldHours(ctx.facts, state?.run ?? 0, rev)
    crashpoint('lag-counted')
    ctx.control.set(KEY, JSON.stringify({ version, through, run: rev } satisfies State))
    await learnPaces(ctx, ctx.clock.now())
    ctx.control.finishRun(runId, 'ok', ctx.clock.now(), figures())
  } catch (thrown) {
    const error = asError(thrown)
    result.outcome = 'failed'
    result.error = error
    ctx.control.finishRun(runId, 'failed', ctx.clock.now(), figures(), {
      code: error.code,
      message: error.message,
      ...(error.remedy !== undefined && { remedy: error.remedy }),
    })
    if (ctx.signal.aborted) throw thrown
  }
  return result
}

async function measureKind(
  ctx: Context,
  kind: Kind,
  entities: number,
  { moved, rev }: { moved: Stretch['moved']; rev: number },
  result: MeasureResult,
): Promise<void> {
  const ask: Ask = {
    kind,
    fields: measuredFields(kind),
    landscape: ctx.landscape,
    partOf: partsOf(kind, ctx.landscape),
    existence: existenceOf(ctx, kind),
    keeps: (platform) => ctx.control.streams().some((s) => s.platform === platform && s.kind === kind.name),
    excluded: excludedBy(ctx, kind),
  }
  const scopes = new Set(ctx.landscape.platforms.flatMap((p) => Object.keys(p.scope)))
  const settled = settledBefore(ctx.control.keptSince('versions'))
  for (const { from, to } of stretches(Math.ceil(entities / ENTITIES_A_STRETCH))) {
    ctx.signal.throwIfAborted()
    const stretch = { from, to, moved }
    const stood = new Map((await lagOf(ctx.facts, kind.name, stretch)).map((r) => [lagKey(r), r]))
    const rows: LagRow[] = []
    for await (const versions of byEntity(lagHistory(ctx.facts, kind, stretch, scopes)))
      for (const row of rowsOf(versions, ask)) {
        const known = stood.get(lagKey(row))
        stood.delete(lagKey(row))
        if ((!known || !equal(row, known)) && settled.mayWrite(row, known)) rows.push(row)
      }
    const gone = [...stood.values()].filter(settled.mayTakeBack)
    await writeLag(ctx.facts, rows, gone, rev)
    result.written += rows.length
    result.gone += gone.length
  }
}

function rowsOf(versions: VersionRow[], ask: Ask): LagRow[] {
  const entity = entityHistory(versions)
  return [...lagsOf(entity, ask), ...creationsOf(entity, ask)]
}

/** Whole entities out of batches of versions that are sorted by entity. */
async function* byEntity(batches: AsyncIterable<VersionRow[]>): AsyncIterable<VersionRow[]> {
  let rows: VersionRow[] = []
  for await (const batch of batches)
    for (const row of batch) {
      if (rows.length > 0 && rows[0]!.eid !== row.eid) {
        yield rows
        rows = []
      }
      rows.push(row)
    }
  if (rows.length > 0) yield rows
}

/** Equal parts of all 64-bit hashes. */
function stretches(parts: number): { from: string; to: string }[] {
  const end = 1n << 64n
  return Array.from({ length: parts }, (_, i) => ({
    from: ((end * BigInt(i)) / BigInt(parts)).toString(),
    to: ((end * BigInt(i + 1)) / BigInt(parts) - 1n).toString(),
  }))
}

const INSTANTS = ['changed_at', 'due_at', 'agreed_at', 'overtaken_at'] as const
const WORDS = [
  'entity_id',
  'customer_entity_id',
  'record_id',
  'follower_record_id',
  'outcome',
  'lacks',
  'excluded',
] as const

/** The database spells instants in its own way. */
function equal(a: LagRow, b: LagRow): boolean {
  const ms = (text: string | null) => (text === null ? null : Date.parse(text))
  return (
    INSTANTS.every((name) => ms(a[name]) === ms(b[name])) &&
    WORDS.every((name) => a[name] === b[name]) &&
    a.fields.join(' ') === b.fields.join(' ')
  )
}
