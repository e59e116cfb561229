/** Standing of the edges: how long changes take now and usually, what waits, and what is left of each budget. */
import { durationMs } from '../../config/duration.ts'
import type { Context } from '../../context.ts'
import {
  BURN_MS,
  decisions,
  waitingNow,
  type BurnWindow,
  type EdgeKey,
  type Waiting,
} from '../../store/facts/lag-decisions.ts'
import { lagFigures, type LagFigures } from '../../store/facts/lag-hours.ts'
import { decideAsk } from './complete.ts'
import { budgetOf, burnsOf, type Budget, type Burn, type Counts } from './budget.ts'
import { objectives, type Promised } from './objectives.ts'

export { decideAsk } from './complete.ts'

const DAY = 86_400_000

export interface EdgeStanding extends EdgeKey {
  promised: Promised
  /** The last 24 hours, by the instant of the change. */
  now: LagFigures | null
  /** The last 30 days: what is usual. */
  norm: LagFigures | null
  /** The objective's period. */
  period: LagFigures | null
  waiting: Omit<Waiting, keyof EdgeKey>
  budget: Budget
  burns: Burn[]
  /** 95th percentile of each of the last 14 days, seconds; null where too little was measured. */
  trend: (number | null)[]
}

const TREND_DAYS = 14
const NORM_MS = 30 * DAY

/** All edges that any change travelled within the period, the norm or the trend, or that still wait; sorted. */
export async function edgeStandings(
  ctx: Pick<Context, 'config' | 'control' | 'facts' | 'landscape'>,
  asOf: number,
): Promise<EdgeStanding[]> {
  const { objectives: wanted } = ctx.config
  const periodMs = durationMs(wanted.period)!
  const ask = decideAsk(ctx, asOf)
  const range = (ms: number, stepHours?: number) =>
    lagFigures(ctx.facts, { from: asOf - ms, to: asOf + 1, ...(stepHours && { stepHours }) })
  const [now, norm, period, days, decided, waiting] = await Promise.all([
    range(DAY),
    range(NORM_MS),
    range(periodMs),
    range(TREND_DAYS * DAY, 24),
    decisions(ctx.facts, ask),
    waitingNow(ctx.facts, { ...ask, since: asOf - periodMs }),
  ])
  const promised = objectives(ctx)
  const edges = new Map<string, EdgeKey>()
  for (const e of [...norm, ...period, ...decided, ...waiting])
    edges.set(name(e), { kind: e.kind, part: e.part, owner: e.owner, follower: e.follower })
  const present = (e: EdgeKey) => [e.owner, e.follower].every((p) => ctx.config.platforms[p] !== undefined)
  return [...edges.values()]
    .filter(present)
    .sort((a, b) => (name(a) < name(b) ? -1 : 1))
    .map((edge): EdgeStanding => {
      const of = <T extends EdgeKey>(list: readonly T[]) => list.find((x) => name(x) === name(edge)) ?? null
      const promise = promised(edge)
      const counted = of(period)
      const waits = of(waiting)
      return {
        ...edge,
        promised: promise,
        now: of(now),
        norm: of(norm),
        period: counted,
        waiting: waits ?? { inFlight: 0, wrong: 0, wrongSince: 0, undecided: 0, oldest: null, lacks: [] },
        budget: budgetOf(
          countsOf(counted, waits?.wrongSince ?? 0, wanted.lost === 'always'),
          promise.target,
          wanted.low_volume,
        ),
        burns: burnsOf(of(decided)?.windows ?? NOTHING, promise.target, wanted.burn, wanted.low_volume),
        trend: trendOf(
          days.filter((d) => name(d) === name(edge)),
          asOf,
          wanted.low_volume,
        ),
      }
    })
}

/** Late, still wrong, and overtaken too late are missed; what is in flight or cannot be decided counts for nothing yet. */
export function countsOf(figures: LagFigures | null, wrong: number, lostAlways: boolean): Counts {
  if (!figures) return { good: 0, bad: wrong }
  return { good: figures.inTime, bad: figures.late + wrong + (lostAlways ? figures.lost : figures.lostLate) }
}

function trendOf(days: readonly LagFigures[], asOf: number, lowVolume: number): (number | null)[] {
  const today = Math.floor(asOf / DAY)
  return Array.from({ length: TREND_DAYS }, (_, i) => {
    const day = days.find((d) => Math.floor(Date.parse(d.at!) / DAY) === today - TREND_DAYS + 1 + i)
    return day && day.inTime + day.late >= lowVolume ? day.p95 : null
  })
}

export const name = (e: EdgeKey): string => `${e.kind} ${e.part} ${e.owner} ${e.follower}`

const NOTHING = Object.fromEntries(Object.keys(BURN_MS).map((w) => [w, { good: 0, bad: 0 }])) as Record<
  BurnWindow,
  Counts
>
