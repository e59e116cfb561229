/** What became of the changes of a period, by kind and edge: the sums that the figures about propagation are made from. */
import type { Facts } from './facts.ts'
import { latest } from './lag.ts'
import { tableOf } from './ident.ts'

export interface LagSums {
  kind: string
  owner: string
  follower: string
  /** The change was one of the state, not only of other fields. */
  ofState: boolean
  arrived: number
  inTime: number
  late: number
  /** Overtaken by a newer change before it ever arrived, and those of them whose window had ended. */
  lost: number
  lostLate: number
  /** Its window has ended, the follower is read through its end, and it has not arrived. */
  wrong: number
  /** Of the above, only what counts towards the objective. */
  counted: { inTime: number; late: number; lost: number; lostLate: number; wrong: number }
  /** Seconds of all that arrived, and how many these are. */
  seconds: number
  timed: number
}

export interface LagSumsAsk {
  /** Epoch ms, by the instant of the change; `to` is exclusive. */
  from: number
  to: number
  /** `follower kind` → epoch ms through which its changes are surely read. */
  complete: ReadonlyMap<string, number>
}

export async function lagSums(facts: Facts, ask: LagSumsAsk): Promise<LagSums[]> {
  const complete = `transform(concat(follower, ' ', kind), {complete_of:Array(String)}, {complete_at:Array(Int64)}, toInt64(0))`
  const n = `[countIf(outcome in ('in_time', 'late')), countIf(outcome = 'in_time'), countIf(outcome = 'late'), countIf(outcome = 'lost'), countIf(outcome = 'lost' and overtaken_at > due_at), countIf(is_wrong)]`
  const rows = await facts.query<{
    kind: string
    owner: string
    follower: string
    of_state: number
    n: string[]
    c: string[]
    seconds: number
  }>(
    `select toString(kind) as kind, toString(owner) as owner, toString(follower) as follower, has(fields, 'state') as of_state, ${n} as n,
       [countIf(outcome = 'in_time' and excluded = ''), countIf(outcome = 'late' and excluded = ''), countIf(outcome = 'lost' and excluded = ''), countIf(outcome = 'lost' and overtaken_at > due_at and excluded = ''), countIf(is_wrong and excluded = '')] as c,
       sumIf(dateDiff('millisecond', changed_at, assumeNotNull(agreed_at)), outcome in ('in_time', 'late')) / 1000 as seconds
     from (select *, outcome = 'waiting' and toUnixTimestamp64Milli(due_at) <= least({to:Int64}, ${complete}) as is_wrong
       from ${latest(facts, 'changed_at >= fromUnixTimestamp64Milli({from:Int64}) and changed_at < fromUnixTimestamp64Milli({to:Int64})')})
     group by kind, owner, follower, of_state
     order by kind, owner, follower, of_state`,
    { from: ask.from, to: ask.to, complete_of: [...ask.complete.keys()], complete_at: [...ask.complete.values()] },
  )
  return rows.map((r) => {
    const [arrived, inTime, late, lost, lostLate, wrong] = r.n.map(Number) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ]
    const [c1, c2, c3, c4, c5] = r.c.map(Number) as [number, number, number, number, number]
    return {
      kind: r.kind,
      owner: r.owner,
      follower: r.follower,
      ofState: r.of_state === 1,
      arrived,
      inTime,
      late,
      lost,
      lostLate,
      wrong,
      counted: { inTime: c1, late: c2, lost: c3, lostLate: c4, wrong: c5 },
      seconds: Number(r.seconds),
      timed: arrived,
    }
  })
}

/** Deliveries that were told of in a period, by edge. */
export interface DeliverySums {
  from: string
  to: string
  deliveries: number
  rejected: number
  /** Events of deliveries, and those of them that tell again what was told before under another id. */
  told: number
  again: number
  ackSeconds: number
  acked: number
  appliedSeconds: number
  applied: number
}

/** One delivery is one correlation id on one edge: events without one cannot be put together and are left out. */
export async function deliverySums(facts: Facts, from: string, to: string): Promise<DeliverySums[]> {
  const seconds = (name: string) => `sumIf(dateDiff('millisecond', sent, ${name}) / 1000, ok_${name})`
  const rows = await facts.query<Record<string, string | number>>(
    `select from_platform, to_platform, count() as deliveries, countIf(rejections > 0) as rejected, sum(told) as all_told, sum(told) - sum(kinds_told) as again,
       ${seconds('acknowledged')} as ack_seconds, countIf(ok_acknowledged) as acked, ${seconds('applied')} as applied_seconds, countIf(ok_applied) as applied_n
     from (
       select toString(from_platform) as from_platform, toString(to_platform) as to_platform, count() as told, uniqExact(type, record_id) as kinds_told,
         minIf(at, type = 'sent') as sent, minIf(at, type = 'acknowledged') as acknowledged, minIf(at, type = 'applied') as applied, countIf(type = 'rejected') as rejections,
         countIf(type = 'sent') > 0 and countIf(type = 'acknowledged') > 0 and acknowledged >= sent as ok_acknowledged,
         countIf(type = 'sent') > 0 and countIf(type = 'applied') > 0 and applied >= sent as ok_applied
       from ${tableOf(facts, 'events')} final
       where type in ('sent', 'acknowledged', 'rejected', 'applied') and correlation_id != '' and at >= {from:DateTime64(3, 'UTC')} and at < {to:DateTime64(3, 'UTC')}
       group by from_platform, to_platform, kind, correlation_id)
     group by from_platform, to_platform
     order by from_platform, to_platform`,
    { from, to },
  )
  return rows.map((r) => ({
    from: String(r['from_platform']),
    to: String(r['to_platform']),
    deliveries: Number(r['deliveries']),
    rejected: Number(r['rejected']),
    told: Number(r['all_told']),
    again: Number(r['again']),
    ackSeconds: Number(r['ack_seconds']),
    acked: Number(r['acked']),
    appliedSeconds: Number(r['applied_seconds']),
    applied: Number(r['applied_n']),
  }))
}
