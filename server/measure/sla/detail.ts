/** Detail of one edge: latency over time, its spread, what is left of its budget day by day, and who is hit. */
import { pattern } from '../../config/pattern.ts'
import { durationMs } from '../../config/duration.ts'
import type { Context } from '../../context.ts'
import {
  fieldSplit,
  slowestCustomers,
  waitingChanges,
  type EdgeAsk,
  type FieldSplit,
  type OverdueChange,
  type SlowCustomer,
} from '../../store/facts/lag-decisions.ts'
import { edgeFindings, type EdgeFinding } from '../../store/facts/lag-findings.ts'
import { lagFigures, SHAPE_SECONDS, type LagFigures } from '../../store/facts/lag-hours.ts'
import { decideAsk } from './complete.ts'
import { countsOf, type EdgeStanding } from './standing.ts'

const DAY = 86_400_000
const LISTED = 20

/** Range of the charts → hours of each step. */
export const RANGES = {
  '24h': { ms: DAY, stepHours: 1 },
  '7d': { ms: 7 * DAY, stepHours: 6 },
  '30d': { ms: 30 * DAY, stepHours: 24 },
} as const
export type Range = keyof typeof RANGES

export interface EdgeDetail {
  steps: LagFigures[]
  /** Upper bound of each step in seconds, null for the open last one. */
  histogram: { upTo: number | null; changes: number }[]
  /** End of each day of the objective's period → share of the budget left, over the changes since its begin. */
  budget: { at: string; left: number | null }[]
  excluded: { begin: string; end: string; reason: string }[]
  fields: FieldSplit[]
  customers: SlowCustomer[]
  waiting: OverdueChange[]
  findings: EdgeFinding[]
}

export async function edgeDetail(
  ctx: Pick<Context, 'config' | 'control' | 'facts' | 'landscape'>,
  edge: EdgeStanding,
  range: Range,
  asOf: number,
): Promise<EdgeDetail> {
  const { objectives } = ctx.config
  const { ms, stepHours } = RANGES[range]
  const key = { kind: edge.kind, part: edge.part, owner: edge.owner, follower: edge.follower }
  const ask: EdgeAsk = { ...decideAsk(ctx, asOf), ...key, from: asOf - ms, limit: LISTED }
  const periodMs = durationMs(objectives.period)!
  const at = { edge: key, to: asOf + 1 }
  const [steps, days, fields, customers, waiting, findings] = await Promise.all([
    lagFigures(ctx.facts, { ...at, from: asOf - ms, stepHours }),
    lagFigures(ctx.facts, { ...at, from: asOf - periodMs, stepHours: 24 }),
    fieldSplit(ctx.facts, ask),
    slowestCustomers(ctx.facts, { ...ask, limit: 10 }),
    waitingChanges(ctx.facts, { ...ask, from: 0 }),
    edgeFindings(ctx.facts, { ...key, fields: edge.promised.fields.map((f) => f.name) }, LISTED),
  ])
  const shape = steps.reduce(
    (sum, s) => s.shape.map((n, i) => n + (sum[i] ?? 0)),
    [...SHAPE_SECONDS, 0].map(() => 0),
  )
  return {
    steps,
    histogram: shape.map((changes, i) => ({ upTo: SHAPE_SECONDS[i] ?? null, changes })),
    budget: spent(days, edge, objectives.lost === 'always', objectives.low_volume, periodMs, asOf),
    excluded: excludedOf(ctx, edge, asOf - ms, asOf),
    fields,
    customers,
    waiting,
    findings,
  }
}

/** What still waits is charged to the last day: only now it is known that it does. */
function spent(
  days: readonly LagFigures[],
  edge: EdgeStanding,
  lostAlways: boolean,
  few: number,
  periodMs: number,
  asOf: number,
): EdgeDetail['budget'] {
  const { target } = edge.promised
  const [first, last] = [Math.floor((asOf - periodMs) / DAY), Math.floor(asOf / DAY)]
  let [good, bad] = [0, 0]
  return Array.from({ length: last - first + 1 }, (_, i) => {
    const day = days.find((d) => Math.floor(Date.parse(d.at!) / DAY) === first + i) ?? null
    const counts = countsOf(day, first + i === last ? edge.waiting.wrongSince : 0, lostAlways)
    good += counts.good
    bad += counts.bad
    const changes = good + bad
    const left = changes < few ? null : 1 - bad / (changes * (1 - target))
    return { at: new Date((first + i) * DAY).toISOString(), left }
  })
}

/** Times of the configuration that spend no budget of this edge, within the range. */
function excludedOf(
  { config, landscape }: Pick<Context, 'config' | 'landscape'>,
  edge: EdgeStanding,
  from: number,
  to: number,
): EdgeDetail['excluded'] {
  const meets = (name: string | undefined, platform: string) =>
    name === undefined || landscape.named(name).some((p) => p.name === platform)
  return config.objectives.exclude
    .filter((e) => Date.parse(e.begin) < to && Date.parse(e.end) > from)
    .filter((e) => meets(e.from, edge.owner) && meets(e.to, edge.follower))
    .filter(
      (e) =>
        !e.fields || edge.promised.fields.some((f) => e.fields!.some((p) => pattern(p).matches(edge.kind, f.name))),
    )
    .map(({ begin, end, reason }) => ({ begin, end, reason }))
}
