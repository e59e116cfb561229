/**
 * Measuring key figures: every figure is read and written down, one row a figure, scope and hour, so that its trend is
 * what was said at the time. Measuring again within an hour replaces the rows of that hour.
 */
import { format, round } from '../../../model/decimal.ts'
import { iso } from '../../clock.ts'
import { asError, type PlumblineError } from '../../errors.ts'
import type { Context } from '../../context.ts'
import { writeKpis, type KpiRow } from '../../store/facts/kpis.ts'
import { inTurn } from '../../store/turns.ts'
import { unknown, type Figure, type Kpi } from './kpi.ts'
import { readings, type KpiContext } from './readings.ts'
import { KPIS } from './table.ts'

const KEY = 'measure.kpis'

/** Figures are not measured more often than this, milliseconds, unless the hour is a new one. */
const EVERY_MS = 15 * 60_000
const HOUR_MS = 3_600_000

export interface KpisMeasured {
  outcome: 'ok' | 'failed' | 'still'
  error: PlumblineError | null
  rows: number
}

/** @throws only if the run is aborted; any other failure is recorded and returned, and the next run makes it good. */
export function measureKpis(ctx: Context, options: { again?: boolean } = {}): Promise<KpisMeasured> {
  return inTurn(ctx.control, 'measure kpis', () => run(ctx, options.again ?? false))
}

async function run(ctx: Context, again: boolean): Promise<KpisMeasured> {
  const now = ctx.clock.now()
  const last = Number(ctx.control.get(KEY) ?? 'NaN')
  const sameHour = Math.floor(last / HOUR_MS) === Math.floor(now / HOUR_MS)
  if (!again && sameHour && now - last < EVERY_MS) return { outcome: 'still', error: null, rows: 0 }
  const runId = `measure-${ctx.control.next('run')}`
  ctx.control.startRun({ id: runId, stage: 'measure', subject: 'kpis', startedAt: now })
  try {
    const rows = await figuresAt(ctx, now)
    ctx.signal.throwIfAborted()
    await writeKpis(ctx.facts, rows)
    ctx.control.set(KEY, String(now))
    ctx.control.finishRun(runId, 'ok', ctx.clock.now(), { rows: rows.length })
    return { outcome: 'ok', error: null, rows: rows.length }
  } catch (thrown) {
    const { code, message, remedy } = asError(thrown)
    ctx.control.finishRun(
      runId,
      'failed',
      ctx.clock.now(),
      {},
      { code, message, ...(remedy !== undefined && { remedy }) },
    )
    if (ctx.signal.aborted) throw thrown
    return { outcome: 'failed', error: asError(thrown), rows: 0 }
  }
}

/** Every figure as it stands at an instant; one that cannot be read is unknown and keeps no other from being read. */
export async function figuresAt(ctx: KpiContext & Partial<Pick<Context, 'log'>>, at: number): Promise<KpiRow[]> {
  const world = readings(ctx, at)
  const rows: KpiRow[] = []
  for (const kpi of KPIS) {
    const figures = await figuresOf(kpi, world, ctx)
    const measured = { hour: iso(Math.floor(at / HOUR_MS) * HOUR_MS), measured_at: iso(at) }
    for (const f of figures)
      rows.push({
        kpi: kpi.id,
        scope: f.name === '' ? '' : `${kpi.split}:${f.name}`,
        value: text(f),
        n: f.n,
        why: f.why,
        ...measured,
      })
  }
  return rows
}

async function figuresOf(
  kpi: Kpi,
  world: ReturnType<typeof readings>,
  { log }: Partial<Pick<Context, 'log'>>,
): Promise<Figure[]> {
  try {
    return await kpi.read(world)
  } catch (thrown) {
    const { code, message } = asError(thrown)
    log?.warn('a key figure could not be measured', { kpi: kpi.id, code, reason: message })
    return unknown('It could not be measured; the log says why.')
  }
}

/** Shares and means to nine decimals, as the column holds them. */
function text({ value }: Figure): string | null {
  if (value === null || typeof value === 'string') return value
  return Number.isInteger(value) ? String(value) : format(round(value.toFixed(12), 9))
}
