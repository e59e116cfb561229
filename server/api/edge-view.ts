/** Edge view: an edge as the API shows it. Lags are seconds, shares are 0 to 1; null says that too little was measured. */
import { z } from 'zod'
import { hasKind, kindOf } from '../../model/kinds.ts'
import { SEVERITIES } from '../../model/verdict.ts'
import type { Context } from '../context.ts'
import type { EdgeStanding } from '../measure/sla/standing.ts'
import type { LagFigures } from '../store/facts/lag-hours.ts'
import { platformView } from './views.ts'

const platform = z.object({ name: z.string(), title: z.string(), mark: z.string() })
const seconds = z.number().nullable().describe('Seconds; null: too little was measured.')
const count = z.number().int()

const figures = z.object({
  changes: count,
  p50: seconds,
  p95: seconds,
  p99: seconds,
})
export const countsSchema = z.object({
  changes: count,
  in_time: count,
  late: count.describe('Arrived after their window: healed.'),
  lost: count.describe('Overtaken before they ever arrived.'),
  lost_late: count.describe('Of these, overtaken only after their window had ended.'),
  waiting: count,
  unmeasured: count.describe('A stamp is lacking: only presence is known.'),
  unmeasured_arrived: count,
  excluded: count.describe('Met a time that spends no budget.'),
})
export const edgeSchema = z
  .object({
    owner: platform.describe('Where the change is made.'),
    follower: platform.describe('Who has to come to agree.'),
    kind: z.string(),
    kind_title: z.string(),
    part: z.string().describe('Fields of a group that share a promise.'),
    fields: z.array(z.object({ name: z.string(), label: z.string() })),
    window_seconds: z.number(),
    calendar: z.string().nullable().describe('Whose hours count; null: all time counts.'),
    criticality: z.enum(SEVERITIES),
    now: figures.describe('The last 24 hours.'),
    norm: figures.describe('The last 30 days.'),
    period: countsSchema.describe('Over the objective’s period, by the instant of the change.'),
    in_flight: count,
    still_wrong: count.describe('Past their window, and the follower was read through its end.'),
    undecided: count.describe('Past their window, but the follower was not read that far.'),
    waiting_since: z.string().nullable(),
    lacks: z.array(z.string()).describe('Stamps that are lacking, as platform.changed_at.'),
    budget: z.object({
      target: z.number(),
      changes: count,
      good: count,
      bad: count,
      compliance: z.number().nullable(),
      left: z.number().nullable().describe('Share of the error budget that is left; below zero when it is overdrawn.'),
    }),
    burns: z.array(
      z.object({
        name: z.enum(['fast', 'slow', 'long']),
        long: z.string().describe('Length of the window that makes it matter.'),
        short: z.string().nullable().describe('Length of the window that must agree.'),
        changes: count,
        bad: count,
        rate: z.number().nullable().describe('1 spends the budget in exactly the period; null: too few changes.'),
        short_rate: z.number().nullable(),
        threshold: z.number(),
        alarm: z.boolean(),
      }),
    ),
    trend: z.array(seconds).describe('95th percentile of each of the last 14 days, the oldest first.'),
  })
  .meta({ id: 'Edge' })

const NOBODY = { changes: 0, p50: null, p95: null, p99: null }

export function edgeView(e: EdgeStanding, ctx: Context): z.output<typeof edgeSchema> {
  const few = ctx.config.objectives.low_volume
  return {
    owner: platformView(e.owner, ctx)!,
    follower: platformView(e.follower, ctx)!,
    kind: e.kind,
    kind_title: hasKind(e.kind) ? kindOf(e.kind).title : e.kind,
    part: e.part,
    fields: e.promised.fields,
    window_seconds: e.promised.windowMs / 1000,
    calendar: e.promised.calendar,
    criticality: e.promised.criticality,
    now: quantiles(e.now, few),
    norm: quantiles(e.norm, few),
    period: countsView(e.period),
    in_flight: e.waiting.inFlight,
    still_wrong: e.waiting.wrong,
    undecided: e.waiting.undecided,
    waiting_since: e.waiting.oldest,
    lacks: e.waiting.lacks,
    budget: e.budget,
    burns: e.burns.map(({ shortRate, ...b }) => ({ ...b, short_rate: shortRate })),
    trend: e.trend,
  }
}

/** Percentiles of a handful of changes are noise: below the low volume only their number is told. */
export function quantiles(f: LagFigures | null, few: number): z.output<typeof figures> {
  if (!f) return NOBODY
  const enough = f.inTime + f.late >= few
  return { changes: f.changes, p50: enough ? f.p50 : null, p95: enough ? f.p95 : null, p99: enough ? f.p99 : null }
}

export function countsView(f: LagFigures | null): z.output<typeof countsSchema> {
  return {
    changes: f?.changes ?? 0,
    in_time: f?.inTime ?? 0,
    late: f?.late ?? 0,
    lost: f?.lost ?? 0,
    lost_late: f?.lostLate ?? 0,
    waiting: f?.waiting ?? 0,
    unmeasured: f?.unmeasured ?? 0,
    unmeasured_arrived: f?.unmeasuredArrived ?? 0,
    excluded: f?.excluded ?? 0,
  }
}
