/** Lag paces: the last day of each edge against the band that thirty days have taught, by hour of the week where it is known. */
import type { Facts } from './facts.ts'
import type { DecideAsk, EdgeKey } from './lag-decisions.ts'
import { latest } from './lag.ts'

export interface PaceRow extends EdgeKey {
  learned: { changes: number; days: number; p50: number; p90: number }
  recent: { from: string; changes: number; entities: number; slow: number; times: number; p50: number }
}

const DAY_MS = 86_400_000

/** An hour of the week has a band of its own from this many changes, in this many different weeks. */
const HOUR_CHANGES = 50
const HOUR_WEEKS = 3

/** Clocks of two platforms are taken to agree within this, seconds. */
const SLACK_SECONDS = 10

/** Edges with at least this many changes on the last day and this many learned; nothing is said of others. */
export async function lagPaces(
  facts: Facts,
  ask: DecideAsk,
  least: { recent: number; learned: number },
): Promise<PaceRow[]> {
  const rows = await facts.query<EdgeKey & { learned: string[]; recent: string[]; began: string }>(
    `with
       changes as (
         select kind, part, owner, follower, eid, changed_at, outcome,
           least({as_of:Int64}, transform(concat(follower, ' ', kind), {complete_of:Array(String)}, {complete_at:Array(Int64)}, toInt64(0))) as complete_ms,
           greatest(0, dateDiff('millisecond', changed_at, if(outcome = 'waiting', fromUnixTimestamp64Milli(complete_ms), assumeNotNull(agreed_at))) / 1000) as seconds,
           toDayOfWeek(changed_at) * 24 + toHour(changed_at) as week_hour,
           changed_at >= fromUnixTimestamp64Milli({recent_from:Int64}) as is_recent
         from ${latest(facts, 'changed_at >= fromUnixTimestamp64Milli({from:Int64}) and changed_at <= fromUnixTimestamp64Milli({as_of:Int64})')}
         where outcome in ('in_time', 'late') or outcome = 'waiting'
       ),
       busy as (
         select kind, part, owner, follower from changes group by kind, part, owner, follower
         having countIf(is_recent) >= {least_recent:UInt32} and countIf(not is_recent and outcome != 'waiting') >= {least_learned:UInt32}
       ),
       usual as (
         select kind, part, owner, follower, count() as n, uniqExact(toDate(changed_at)) as days,
           quantileExact(0.5)(seconds) as p50, quantileExact(0.9)(seconds) as p90
         from changes where not is_recent and outcome != 'waiting' and (kind, part, owner, follower) in (select * from busy)
         group by kind, part, owner, follower
       ),
       by_hour as (
         select kind, part, owner, follower, week_hour, quantileExact(0.5)(seconds) as hour_p50, quantileExact(0.9)(seconds) as hour_p90
         from changes where not is_recent and outcome != 'waiting' and (kind, part, owner, follower) in (select * from busy)
         group by kind, part, owner, follower, week_hour
         having count() >= ${HOUR_CHANGES} and uniqExact(toStartOfWeek(changed_at)) >= ${HOUR_WEEKS}
       )
     select c.kind as kind, c.part as part, c.owner as owner, c.follower as follower,
       [toFloat64(any(u.n)), any(u.days), any(u.p50), any(u.p90)] as learned,
       [toFloat64(count()), uniqExact(c.eid), countIf(c.seconds > ifNull(h.hour_p90, u.p90) + ${SLACK_SECONDS}),
         quantileExact(0.5)(c.seconds / greatest(1, ifNull(h.hour_p50, u.p50))), quantileExact(0.5)(c.seconds)] as recent,
       min(c.changed_at) as began
     from changes as c
     inner join usual as u on u.kind = c.kind and u.part = c.part and u.owner = c.owner and u.follower = c.follower
     left join by_hour as h on h.kind = c.kind and h.part = c.part and h.owner = c.owner and h.follower = c.follower and h.week_hour = c.week_hour
     where c.is_recent
     group by kind, part, owner, follower
     order by kind, part, owner, follower`,
    {
      as_of: ask.asOf,
      complete_of: [...ask.complete.keys()],
      complete_at: [...ask.complete.values()],
      from: ask.asOf - 31 * DAY_MS,
      recent_from: ask.asOf - DAY_MS,
      least_recent: least.recent,
      least_learned: least.learned,
    },
  )
  return rows.map(({ learned, recent, began, ...edge }) => {
    const [changes, days, p50, p90] = learned.map(Number) as [number, number, number, number]
    const [n, entities, slow, times, middle] = recent.map(Number) as [number, number, number, number, number]
    return {
      ...edge,
      learned: { changes, days, p50, p90 },
      recent: { from: new Date(began).toISOString(), changes: n, entities, slow, times, p50: middle },
    }
  })
}
