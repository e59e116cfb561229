/** Steps of a flow: the statements that find the records of every leg and say how each leg stands, inside the engine. */
import { column, COLUMN, type Field } from '../../../model/fields.ts'
import type { Leg } from '../../../model/flow.ts'
import type { Kind } from '../../../model/kind.ts'
import { fieldOf, kindOf } from '../../../model/kinds.ts'
import type { Landscape } from '../../../model/landscape.ts'
import { currentTable, referenceColumn, versionsTable } from './columns.ts'
import type { Facts } from './facts.ts'
import type { FlowLink } from './flow-links.ts'
import { ident, tableOf } from './ident.ts'

/** A leg of a company: with the platforms that it means there. */
export interface PlannedLeg {
  leg: Leg
  /** Position among the legs that are watched; the root is 0. */
  place: number
  /** Position of the leg that leads here, and how; null for the root. */
  from: { place: number; link: FlowLink } | null
  /** Platforms whose copy counts; null: whoever speaks. */
  on: readonly string[] | null
  /** The platform that must act where the leg has no record yet. */
  act: string
}

export interface FlowPlan {
  flow: string
  legs: readonly PlannedLeg[]
  /** Date field of the root that legs with `due` go by. */
  due: string | null
}

/** Which roots are worked out: all, or those that moved. */
export type FlowScope = { all: true } | { all: false; after: string; through: string }

export interface Statement {
  sql: string
  params: Record<string, unknown>
}

/** A condition on roots, over columns named `eid` and `customer_eid`: roots of no known customer are looked at every time. */
export function scopeSql(facts: Pick<Facts, 'database'>, scope: FlowScope): Statement {
  if (scope.all) return { sql: '1', params: {} }
  const moved = (name: string) =>
    `select ${name} from ${tableOf(facts, 'touched')} where rev > {flow_after:UInt64} and rev <= {flow_through:UInt64}`
  return {
    sql: `(customer_eid in (${moved('customer_eid')}) or customer_eid = 0 or eid in (${moved('eid')}))`,
    params: { flow_after: scope.after, flow_through: scope.through },
  }
}

const bits = (fields: readonly Field[]) => `toUInt64(${fields.reduce((m, f) => m | (1n << BigInt(f.bit)), 0n)})`

/** 1 or 0 over a row of either table of a kind; what cannot be read fulfils nothing. `asked`: only what the platform can hold. */
function meets(kind: Kind, is: Leg['is'], params: Record<string, unknown>, prefix: string, asked = false): string {
  const tests = Object.entries(is).map(([name, values]) => {
    const field = fieldOf(kind.name, name)
    const key = `${prefix}_${column(field)}`
    params[key] = values
    const test = `(bitAnd(bitOr(unmapped, invalid), ${bits([field])}) = 0 and ifNull(toString(${ident(column(field))}), '') in {${key}:Array(String)})`
    return asked ? `(bitAnd(held, ${bits([field])}) = 0 or ${test})` : test
  })
  return `toUInt8(${tests.join(' and ') || '1'})`
}

/** Which row speaks for an entity: the least tuple. An owner in the row's own state before anybody else, the furthest of them. */
function rank(kind: Kind, on: readonly string[] | null, landscape: Landscape, params: Record<string, unknown>): string {
  const rest = 'ifNull(created_at, observed_at), record_id'
  if (on) {
    params['on'] = on
    return `tuple(indexOf({on:Array(String)}, toString(platform)), ${rest})`
  }
  const keys: string[] = []
  const ranks: number[] = []
  for (const state of ['', ...kind.states])
    landscape.owners(kind.name, 'state', { state: state === '' ? null : state, scope: {} }).forEach((name, i) => {
      keys.push(`${name} ${state}`)
      ranks.push(i)
    })
  Object.assign(params, { speakers: keys, ranks, states: kind.states })
  const place = `transform(concat(toString(platform), ' ', ifNull(toString(state), '')), {speakers:Array(String)}, {ranks:Array(UInt32)}, toUInt32(99))`
  const far = `indexOf({states:Array(String)}, ifNull(toString(state), ''))`
  return `tuple(${place}, if(${place} = 99, toInt32(${far}), -toInt32(${far})), ${rest})`
}

/** Roots of the flow. */
export function rootPairs(facts: Facts, plan: FlowPlan, scope: FlowScope, landscape: Landscape): Statement {
  const { leg } = plan.legs[0]!
  const kind = kindOf(leg.kind)
  const within = scopeSql(facts, scope)
  const params = { ...within.params }
  const ok = meets(kind, leg.is, params, 'is')
  return {
    sql: `insert into ${tableOf(facts, 'flow_pairs')} (leg, root, eid)
      select 0, eid, eid
      from (
        select eid, argMin(${ok}, ${rank(kind, null, landscape, params)}) as ok
        from ${tableOf(facts, currentTable(kind.name))} final
        prewhere ${within.sql}
        where deleted = 0
        group by eid
      )
      where ok = 1`,
    params,
  }
}

/** Entities of a leg, from those of the leg that leads here. */
export function legPairs(facts: Facts, plan: FlowPlan, { leg, place, from }: PlannedLeg): Statement {
  const before = `(select root, eid from ${tableOf(facts, 'flow_pairs')} where leg = {from_leg:UInt8}) as before`
  const mine = `${tableOf(facts, currentTable(leg.kind))} final`
  const into = `insert into ${tableOf(facts, 'flow_pairs')} (leg, root, eid)\n`
  const params = { from_leg: from!.place, leg: place }
  const { link } = from!
  if (link.how === 'same') return { sql: `${into}select {leg:UInt8}, before.root, before.eid from ${before}`, params }
  if (link.how === 'out') {
    const reference = ident(referenceColumn(link.field))
    const source = tableOf(facts, currentTable(plan.legs[from!.place]!.leg.kind))
    return {
      sql: `${into}select distinct {leg:UInt8}, before.root, found.target
        from ${before}
        inner join (select eid, ${reference} as target from ${source} final where deleted = 0 and ${reference} != 0) as found on found.eid = before.eid`,
      params,
    }
  }
  const source = plan.legs[from!.place]!.leg.kind
  const reference = 'field' in link ? ident(referenceColumn(link.field)) : 'customer_eid'
  // From anything but a customer, what is of the same customer goes by the customer of what comes before.
  const start =
    'field' in link || source === 'customer'
      ? before
      : `(select pairs.root as root, things.customer_eid as eid from ${tableOf(facts, 'flow_pairs')} as pairs
          inner join (select distinct eid, customer_eid from ${tableOf(facts, currentTable(source))} final where deleted = 0 and customer_eid != 0) as things on things.eid = pairs.eid
          where pairs.leg = {from_leg:UInt8}) as before`
  return {
    sql: `${into}select distinct {leg:UInt8}, before.root, found.eid
      from ${start}
      inner join (select eid, ${reference} as target from ${mine} where deleted = 0 and ${reference} != 0) as found on found.target = before.eid`,
    params,
  }
}

/** How the leg stands for every root that has a record of it. */
export function legStands(facts: Facts, plan: FlowPlan, planned: PlannedLeg, landscape: Landscape): Statement {
  const { leg, place, on } = planned
  const kind = kindOf(leg.kind)
  const params: Record<string, unknown> = { leg: place }
  const ok = meets(kind, leg.is, params, 'is', on !== null)
  const ended = leg.ends ? meets(kind, leg.ends, params, 'ends') : 'toUInt8(0)'
  const lacking = (leg.requires ?? []).map((name) => {
    const field = fieldOf(kind.name, name)
    return `if(bitAnd(held, ${bits([field])}) != 0 and bitAnd(empty, ${bits([field])}) != 0, ['${field.name}'], [])`
  })
  const due = place === 0 && plan.due !== null ? `addDays(${instantOf(kind, plan.due)}, 1)` : NO_INSTANT
  const members = [
    'toString(platform)',
    'record_id',
    `cast(toString(state), 'Nullable(String)')`,
    ok,
    ended,
    leg.at === undefined ? (fromTheStart(kind, leg) ? 'created_at' : NO_INSTANT) : instantOf(kind, leg.at),
    due,
    `cast(${lacking.length ? `arrayConcat(${lacking.join(', ')})` : '[]'}, 'Array(String)')`,
  ]
  const here = on ? ' and toString(platform) in {on:Array(String)}' : ''
  const picked = 'tuple(platform, record_id, entity_id, state, lacking)'
  const pick = leg.every
    ? `argMin(${picked}, (done, record_id))`
    : `argMax(${picked}, (done, 0 - toUnixTimestamp64Milli(ifNull(reached_at, toDateTime64(0, 3, 'UTC'))), record_id))`
  const pairs = `(select root, eid from ${tableOf(facts, 'flow_pairs')} where leg = {leg:UInt8})`
  return {
    sql: `insert into ${tableOf(facts, 'flow_legs')} (leg, root, records, reached, ended, at, sure, due_at, platform, record_id, entity_id, state, lacking)
      with spoken as (
        select eid, any(entity_id) as entity_id, argMin(tuple(${members.join(', ')}), ${rank(kind, on, landscape, params)}) as one
        from ${tableOf(facts, currentTable(kind.name))} final
        where deleted = 0 and eid in (select eid from ${pairs})${here}
        group by eid
      ),
      things as (
        select eid, entity_id, one.1 as platform, one.2 as record_id, one.3 as state, one.4 as ok, one.5 as over, one.6 as said_at, one.7 as due, one.8 as lacking,
          toUInt8(one.4 = 1 and empty(one.8)) as done
        from spoken
      ),
      times as (
        select platform, record_id,
          tupleElement(arrayElement(arrayFilter((x, i) -> x.2 = 1 and (i = 1 or tupleElement(seen[i - 1], 2) = 0), seen, arrayEnumerate(seen)), -1), 1) as began,
          toUInt8(began > tupleElement(seen[1], 1)) as seen_before
        from (
          select toString(platform) as platform, record_id, arraySort(groupArray((ifNull(changed_at, observed_at), ${ok}))) as seen
          from ${tableOf(facts, versionsTable(kind.name))}
          where deleted = 0 and (platform, record_id) in (select platform, record_id from things where said_at is null)
          group by platform, record_id
        )
      ),
      joined as (
        select pairs.root as root, things.platform as platform, things.record_id as record_id, things.entity_id as entity_id, things.state as state, things.ok as ok,
          things.over as over, things.due as due, things.lacking as lacking, things.done as done, coalesce(things.said_at, nullIf(times.began, toDateTime64(0, 3, 'UTC'))) as reached_at,
          toUInt8(isNotNull(things.said_at) or ifNull(times.seen_before, 0) = 1) as sure
        from ${pairs} as pairs
        inner join things on things.eid = pairs.eid
        left join times on times.platform = things.platform and times.record_id = things.record_id
      )
      select {leg:UInt8}, root, records, reached, ended, at, sure, due_at, pick.1, pick.2, pick.3, pick.4, pick.5
      from (
        select root, count() as records, ${leg.every ? 'min' : 'max'}(done) as reached, min(over) as ended,
          ${leg.every ? 'max(reached_at)' : 'minIf(reached_at, done = 1)'} as at, min(joined.sure) as sure, max(due) as due_at, ${pick} as pick
        from joined
        group by root
      )`,
    params,
  }
}

/** True if a record fulfils the leg from its first day on. */
const fromTheStart = (kind: Kind, { is }: Leg) =>
  Object.entries(is).every(([name, values]) => name === 'state' && kind.states.every((s) => values.includes(s)))

const NO_INSTANT = `cast(null, 'Nullable(DateTime64(3, \\'UTC\\'))')`

/** A date or instant as an instant; a day is its beginning. */
function instantOf(kind: Kind, name: string): string {
  const field = fieldOf(kind.name, name)
  const sql = ident(column(field))
  if (COLUMN[field.type].startsWith('Nullable(DateTime64')) return sql
  return `parseDateTime64BestEffortOrNull(nullIf(toString(${sql}), ''), 3, 'UTC')`
}
