/** Flow instances: every instance of a flow with its legs, written from the steps, and read by leg, stage and age. */
import { kindOf } from '../../../model/kinds.ts'
import { column } from '../../../model/fields.ts'
import type { Landscape } from '../../../model/landscape.ts'
import { currentTable } from './columns.ts'
import type { Facts } from './facts.ts'
import {
  legPairs,
  legStands,
  rootPairs,
  scopeSql,
  type FlowPlan,
  type FlowScope,
  type Statement,
} from './flow-steps.ts'
import { ident, tableOf } from './ident.ts'

const LEG = `Tuple(leg String, records UInt32, reached UInt8, at Nullable(DateTime64(3, \\'UTC\\')), took_s Nullable(Int64), platform String, record_id String, entity_id String, state Nullable(String), lacking Array(String))`

/**
 * Works the roots in scope out anew: one writer, step by step, all of it inside the engine. Running it again says the
 * same; rows of roots that are instances no more are taken back.
 */
export async function writeFlow(
  facts: Facts,
  plan: FlowPlan,
  scope: FlowScope,
  rev: number,
  landscape: Landscape,
): Promise<void> {
  for (const table of ['flow_pairs', 'flow_legs']) await facts.command(`truncate table ${tableOf(facts, table)}`)
  const run = ({ sql, params }: Statement) => facts.command(sql, params)
  await run(rootPairs(facts, plan, scope, landscape))
  const roots = await facts.query(`select 1 as one from ${tableOf(facts, 'flow_pairs')} limit 1`)
  if (roots.length > 0) {
    for (const planned of plan.legs) {
      if (planned.from) await run(legPairs(facts, plan, planned))
      await run(legStands(facts, plan, planned, landscape))
    }
    await run(instances(facts, plan, rev))
  }
  await run(takenBack(facts, plan, scope, rev))
}

/** No instance any more: the root was deleted, merged, or says something else. */
function takenBack(facts: Facts, plan: FlowPlan, scope: FlowScope, rev: number): Statement {
  const within = scopeSql(facts, scope)
  const table = tableOf(facts, 'flow_instances')
  return {
    sql: `insert into ${table} select * replace ({flow_rev:UInt64} as rev, 1 as gone) from (select * from ${table} final where flow = {flow:String} and rev < {flow_rev:UInt64} and ${within.sql})`,
    params: { ...within.params, flow: plan.flow, flow_rev: rev },
  }
}

/** Flows that are declared no more, or that this company cannot have. */
export async function forgetFlows(facts: Facts, kept: readonly string[], rev: number): Promise<void> {
  const table = tableOf(facts, 'flow_instances')
  await facts.command(
    `insert into ${table} select * replace ({flow_rev:UInt64} as rev, 1 as gone) from ${table} final where flow not in {kept:Array(String)}`,
    { kept, flow_rev: rev },
  )
}

function instances(facts: Facts, plan: FlowPlan, rev: number): Statement {
  const kind = kindOf(plan.legs[0]!.leg.kind)
  const worth = kind.worth === undefined ? undefined : kind.fields.find((f) => f.name === kind.worth)
  const currency = worth?.currency
  const money = worth && currency ? `any(${ident(column(worth))})` : `cast(null, 'Nullable(Decimal(38, 9))')`
  const unit = worth && currency ? `any(toString(${ident(currency)}))` : `cast(null, 'Nullable(String)')`
  const none = `(toUInt8(0), toUInt32(0), toUInt8(0), toUInt8(0), cast(null, 'Nullable(DateTime64(3, \\'UTC\\'))'), cast(null, 'Nullable(DateTime64(3, \\'UTC\\'))'), '', '', '', cast(null, 'Nullable(String)'), cast([], 'Array(String)'), toUInt8(0))`
  const millis = `arrayMap(l -> ifNull(toUnixTimestamp64Milli(l.5), 0), laid)`
  // Of what was so when it was first seen only the latest possible time is known: no later than what came after it.
  const capped = `arrayMap((t, l, i) -> if(l.12 = 1 or t = 0, t, arrayMin(arrayConcat([t], arrayFilter(x -> x > 0, arraySlice(said, i + 1))))), said, laid, arrayEnumerate(laid))`
  const before = (i: string, of = 'times') => `arrayMax(arrayConcat([toInt64(0)], arraySlice(${of}, 1, ${i} - 1)))`
  const instant = (ms: string) => `if(${ms} > 0, fromUnixTimestamp64Milli(${ms}, 'UTC'), null)`
  const sql = `insert into ${tableOf(facts, 'flow_instances')} (flow, eid, entity_id, customer_eid, customer_entity_id, platform, record_id, stage, leg, since, due_at, completed_at, act, amount, currency, legs, rev, gone)
    with folded as (
      select root, arraySort(l -> l.1, groupArray((leg, records, reached, ended, at, due_at, platform, record_id, entity_id, state, lacking, sure))) as got
      from ${tableOf(facts, 'flow_legs')}
      group by root
    ),
    laid as (
      select root, arrayMap(i -> if(has(tupleElement(got, 1), i), got[indexOf(tupleElement(got, 1), i)], ${none}), range(toUInt8({count:UInt8}))) as laid
      from folded
    ),
    judged as (
      select root, laid, ${millis} as said, ${capped} as times,
        arrayMap((l, o) -> toUInt8(l.3 = 1 or (o = 1 and l.2 = 0)), laid, {optional:Array(UInt8)}) as done,
        arrayExists(l -> l.4 = 1, laid) as ended, indexOf(done, 0) as waits
      from laid
    ),
    timed as (
      select *, arrayMap((t, l) -> if(l.12 = 1, t, 0), times, laid) as sure, if(waits = 0, arrayMax(times), ${before('waits')}) as since_ms, if(waits = 0, -1, ({within_ms:Array(Int64)})[waits]) as within_ms,
        if(waits = 0, 0, ({by_day:Array(UInt8)})[waits]) as by_day
      from judged
    ),
    roots as (
      select eid, any(entity_id) as entity_id, any(customer_eid) as customer_eid, any(customer_entity_id) as customer_entity_id, ${money} as amount, ${unit} as currency
      from ${tableOf(facts, currentTable(kind.name))} final
      where deleted = 0 and eid in (select root from timed)
      group by eid
    )
    select {flow:String}, roots.eid, roots.entity_id, roots.customer_eid, roots.customer_entity_id, laid[1].7, laid[1].8,
      multiIf(waits = 0, 'complete', ended, 'ended', 'waiting'), if(waits = 0, '', ({names:Array(String)})[waits]), ${instant('since_ms')},
      if(waits = 0 or ended, null, if(by_day = 1, laid[1].6, if(within_ms >= 0 and since_ms > 0, fromUnixTimestamp64Milli(since_ms + within_ms, 'UTC'), null))),
      if(waits = 0, ${instant('since_ms')}, null),
      if(waits = 0, '', if(laid[waits].7 != '', laid[waits].7, ({act:Array(String)})[waits])),
      roots.amount, roots.currency,
      cast(arrayMap((l, i) -> (({names:Array(String)})[i], l.2, l.3, ${instant('times[i]')},
        if(l.3 = 1 and l.12 = 1 and times[i] > 0 and ${before('i')} > 0 and ${before('i')} = ${before('i', 'sure')}, greatest(toInt64(0), intDiv(times[i] - ${before('i')}, 1000)), null), l.7, l.8, l.9, l.10, l.11), laid, arrayEnumerate(laid)), 'Array(${LEG})'),
      {flow_rev:UInt64}, 0
    from timed
    inner join roots on roots.eid = timed.root`
  const { legs } = plan
  return {
    sql,
    params: {
      flow: plan.flow,
      flow_rev: rev,
      count: legs.length,
      names: legs.map(({ leg }) => leg.name),
      optional: legs.map(({ leg }) => (leg.optional ? 1 : 0)),
      within_ms: legs.map(({ leg }) => leg.withinMs ?? -1),
      by_day: legs.map(({ leg }) => (leg.due === undefined ? 0 : 1)),
      act: legs.map(({ act }) => act),
    },
  }
}
