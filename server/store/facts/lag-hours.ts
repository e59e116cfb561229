/** Lag by the hour: counts of outcomes, a histogram, and quantile states that can be merged over any range. */
import type { Facts } from './facts.ts'
import { tableOf } from './ident.ts'

/** Upper bounds of the histogram's steps, seconds; the last step is open. */
export const SHAPE_SECONDS = [
  1, 5, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400, 259_200,
] as const

/** The hours of every row that was written after a revision are counted anew. Returns how many. */
export async function foldHours(facts: Facts, after: number, rev: number): Promise<number> {
  const moved = `select kind, part, owner, follower, toStartOfHour(changed_at) from ${tableOf(facts, 'lag')} where rev > {after:UInt64}`
  const seconds = `dateDiff('millisecond', changed_at, assumeNotNull(agreed_at)) / 1000`
  const measured = `gone = 0 and outcome in ('in_time', 'late')`
  const counts = (outcome: string) => `countIf(gone = 0 and outcome = '${outcome}' and excluded = '')`
  await facts.command(
    `insert into ${tableOf(facts, 'lag_hours')} (kind, part, owner, follower, hour, changes, in_time, late, lost, lost_late, waiting, unmeasured, unmeasured_arrived, excluded, slowest, shape, lags, rev)
     select kind, part, owner, follower, toStartOfHour(changed_at) as of_hour, countIf(gone = 0),
       ${counts('in_time')}, ${counts('late')}, ${counts('lost')},
       countIf(gone = 0 and outcome = 'lost' and excluded = '' and overtaken_at > due_at),
       ${counts('waiting')}, countIf(gone = 0 and outcome = 'unmeasured'), countIf(gone = 0 and outcome = 'unmeasured' and isNotNull(agreed_at)),
       countIf(gone = 0 and excluded != ''),
       maxIf(${seconds}, ${measured}),
       sumForEachIf(arrayMap((low, high) -> toUInt64(${seconds} > low and ${seconds} <= high), {lows:Array(Float64)}, {highs:Array(Float64)}), ${measured}),
       quantilesDDStateIf(0.01, 0.5, 0.95, 0.99)(toFloat64(${seconds}), ${measured}),
       {rev:UInt64}
     from ${tableOf(facts, 'lag')} final
     prewhere (kind, part, owner, follower, toStartOfHour(changed_at)) in (${moved})
     group by kind, part, owner, follower, of_hour`,
    { after, rev, lows: [-1, ...SHAPE_SECONDS], highs: [...SHAPE_SECONDS, 1e18] },
  )
  const [row] = await facts.query<{ n: string }>(
    `select count() as n from ${tableOf(facts, 'lag_hours')} where rev = {rev:UInt64}`,
    { rev },
  )
  return Number(row?.n ?? 0)
}

/** What an edge did over a range, by the instant of the change. Seconds are null where nothing was measured. */
export interface LagFigures {
  kind: string
  part: string
  owner: string
  follower: string
  /** Start of the step (ISO); null where all are one. */
  at: string | null
  changes: number
  inTime: number
  late: number
  lost: number
  /** Overtaken only after their window had ended. */
  lostLate: number
  waiting: number
  unmeasured: number
  unmeasuredArrived: number
  excluded: number
  p50: number | null
  p95: number | null
  p99: number | null
  slowest: number | null
  shape: number[]
}

export interface LagAsk {
  /** Epoch ms, from inclusive, to exclusive; cut to whole hours. */
  from: number
  to: number
  edge?: { kind: string; owner: string; follower: string; part?: string }
  /** Whole hours per step; left out: one figure for the range. */
  stepHours?: number
}

interface Row {
  kind: string
  part: string
  owner: string
  follower: string
  at: string | null
  n: string[]
  q: (number | null)[]
  slowest: number
  shape: string[]
}

/** Figures by edge and part, and by step where one is asked for; sorted. */
export async function lagFigures(facts: Facts, ask: LagAsk): Promise<LagFigures[]> {
  const step = ask.stepHours
  const { edge } = ask
  const at = step
    ? `toStartOfInterval(hour, interval ${Math.floor(step)} hour, 'UTC')`
    : `cast(null, 'Nullable(DateTime)')`
  const rows = await facts.query<Row>(
    `select kind, part, owner, follower, ${at} as at,
       [sum(changes), sum(in_time), sum(late), sum(lost), sum(lost_late), sum(waiting), sum(unmeasured), sum(unmeasured_arrived), sum(excluded)] as n,
       quantilesDDMerge(0.01, 0.5, 0.95, 0.99)(lags) as q, max(slowest) as slowest, sumForEach(shape) as shape
     from ${tableOf(facts, 'lag_hours')} final
     where hour >= toDateTime({from:Int64}, 'UTC') and hour < toDateTime({to:Int64}, 'UTC')
       ${edge ? `and kind = {kind:String} and owner = {owner:String} and follower = {follower:String}` : ''}
       ${edge?.part === undefined ? '' : 'and part = {part:String}'}
     group by kind, part, owner, follower, at
     having n[1] > 0
     order by kind, part, owner, follower, at`,
    { from: Math.floor(ask.from / 1000), to: Math.ceil(ask.to / 1000), ...edge },
  )
  return rows.map(figures)
}

function figures(r: Row): LagFigures {
  const [changes, inTime, late, lost, lostLate, waiting, unmeasured, unmeasuredArrived, excluded] = r.n.map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const [p50, p95, p99] = r.q.map((q) => (q === null || !Number.isFinite(q) ? null : q)) as [
    number | null,
    number | null,
    number | null,
  ]
  return {
    kind: r.kind,
    part: r.part,
    owner: r.owner,
    follower: r.follower,
    at: r.at === null ? null : new Date(r.at).toISOString(),
    changes,
    inTime,
    late,
    lost,
    lostLate,
    waiting,
    unmeasured,
    unmeasuredArrived,
    excluded,
    p50,
    p95,
    p99,
    slowest: inTime + late === 0 ? null : r.slowest,
    shape: r.shape.map(Number),
  }
}
