/** Lag history: the versions of entities of which any field ever changed, cut down to the fields that did. */
import { column, keyColumn, KEYED, type Field } from '../../../model/fields.ts'
import type { Kind } from '../../../model/kind.ts'
import { KINDS } from '../../../model/kinds.ts'
import { currentTable, versionsTable } from './columns.ts'
import type { Facts } from './facts.ts'
import { ident, tableOf } from './ident.ts'
import { stepwise } from './stepwise.ts'

/** Which entities: all whose hash lies between two numbers, or those of them that moved after one revision and up to another. */
export interface Stretch {
  from: string
  to: string
  moved: { after: string; through: string } | null
}

/** One stored version of one record. Arrays are parallel to `fields`. Instants are ISO text. */
export interface VersionRow {
  eid: string
  entity_id: string
  customer_entity_id: string
  platform: string
  record_id: string
  /** Of the record as it is now. */
  role: string | null
  legal_entity: string | null
  region: string | null
  brand: string | null
  /** What the customer's records say of the legal entity, for kinds that do not say it themselves. */
  customer_scope: { platform: string; legal_entity: string }[]
  seq: string
  created_at: string | null
  changed_at: string | null
  stamp: string
  observed_at: string
  deleted: number
  /** Positions in `measuredFields`. */
  fields: number[]
  states: FieldIs[]
  values: (string | null)[]
  keys: (string | null)[]
  currencies: (string | null)[]
}

export type FieldIs = 'value' | 'empty' | 'absent' | 'cannot_hold' | 'unmapped' | 'invalid'

/** References are compared by entity, which the stored versions do not have. */
export function measuredFields(kind: Kind): Field[] {
  return kind.fields.filter((f) => f.type !== 'reference')
}

/** Longest one read may take, seconds, and the memory it may take, bytes; it spills to disk at half of it. */
const LIMITS = `settings max_execution_time = 300, max_memory_usage = 2147483648, max_bytes_before_external_group_by = 1073741824, max_bytes_before_external_sort = 1073741824`

export function stretchSql(stretch: Stretch, db: string): { condition: string; params: Record<string, unknown> } {
  const slice = 'eid between {slice_from:UInt64} and {slice_to:UInt64}'
  const params = { slice_from: stretch.from, slice_to: stretch.to }
  if (!stretch.moved) return { condition: slice, params }
  return {
    condition: `eid in (select eid from ${ident(db)}.touched where rev > {moved_after:UInt64} and rev <= {moved_through:UInt64} and kind = {moved_kind:String} and ${slice})`,
    params: { ...params, moved_after: stretch.moved.after, moved_through: stretch.moved.through },
  }
}

/** Kind → how many entities there are to look at, to cut them into stretches; kinds with none are left out. */
export async function entitiesToMeasure(facts: Facts, moved: Stretch['moved']): Promise<Map<string, number>> {
  const rows = moved
    ? await facts.query<{ kind: string; n: string }>(
        `select kind, uniqExact(eid) as n from ${tableOf(facts, 'touched')} where rev > {after:UInt64} and rev <= {through:UInt64} group by kind`,
        { ...moved },
      )
    : await facts.query<{ kind: string; n: string }>(
        KINDS.map(
          (k) => `select '${k.name}' as kind, uniq(eid) as n from ${tableOf(facts, currentTable(k.name))}`,
        ).join('\nunion all\n'),
      )
  return new Map(rows.filter((r) => r.n !== '0').map((r) => [r.kind, Number(r.n)]))
}

/** Sorted by entity, platform, record and order of seeing. `scopes`: keys of scope that any platform is limited by. */
export function lagHistory(
  facts: Facts,
  kind: Kind,
  stretch: Stretch,
  scopes: ReadonlySet<string>,
): AsyncIterable<VersionRow[]> {
  const { condition, params } = stretchSql(stretch, facts.database)
  const sql = historySql(facts, kind, condition, scopes)
  const steps = { needed: ['members', 'busy', 'moved'], kept: ['saying'] }
  return stepwise<VersionRow>(facts, { sql, params: { ...params, moved_kind: kind.name }, ...steps }, LIMITS)
}

/** A record that was made so shortly before we first saw it tells how long it took to appear elsewhere. */
const YOUNG_DAYS = 35

function historySql(facts: Facts, kind: Kind, condition: string, scopes: ReadonlySet<string>): string {
  const fields = measuredFields(kind)
  const list = (of: (f: Field) => string) => `[${fields.map(of).join(', ')}]`
  const has = (mask: string, f: Field) => `bitAnd(${mask}, toUInt64(${1n << BigInt(f.bit)})) != 0`
  const custom = (name: string) => (scopes.has(name) ? `custom['${name}']` : NONE)
  const plain = (name: string) => {
    const f = kind.fields.find((x) => x.name === name)
    return f ? `if(${has('unmapped', f)}, null, cast(${ident(column(f))}, 'Nullable(String)'))` : NONE
  }
  const byCustomer = scopes.has('legal_entity') && !kind.fields.some((f) => f.name === 'legal_entity')
  return `with
  members as (
    select platform, record_id, eid, entity_id, customer_entity_id, customer_eid as party,
      ${plain('role')} as role_now, ${plain('legal_entity')} as legal_entity_now, ${custom('region')} as region_now, ${custom('brand')} as brand_now
    from ${tableOf(facts, currentTable(kind.name))} final
    where ${condition}
  ),
  -- Most records have one version only: nothing of them ever changed, and most of those were made long before we looked.
  busy as (
    select eid from members where (platform, record_id) in (
      select platform, record_id from ${tableOf(facts, versionsTable(kind.name))}
      where (platform, record_id) in (select platform, record_id from members)
      group by platform, record_id having count() > 1 or min(created_at) >= min(observed_at) - toIntervalDay(${YOUNG_DAYS}))
  ),
  saying as (
    select platform, record_id, seq, created_at, changed_at, stamp, observed_at, deleted,
      ${list((f) => saying(f))} as says,
      ${list((f) => `multiIf(${has('invalid', f)}, 'invalid', ${has('unmapped', f)}, 'unmapped', not ${has('held', f)}, 'cannot_hold', ${has('empty', f)}, 'empty', ${ident(column(f))} is null, 'absent', 'value')`)} as states_all,
      ${list(text)} as values_all,
      ${list((f) => (KEYED.has(f.type) ? ident(keyColumn(f)) : NONE))} as keys_all,
      ${list((f) => currency(kind, f))} as currencies_all
    from ${tableOf(facts, versionsTable(kind.name))}
    where (platform, record_id) in (select platform, record_id from members where eid in (select eid from busy))
  ),
  steps as (
    select *, row_number() over one as place, lagInFrame(says) over one as before
    from saying
    window one as (partition by platform, record_id order by seq rows between unbounded preceding and current row)
  ),
  moved as (
    select eid, arraySort(groupUniqArrayArrayIf(arrayFilter(i -> says[i] != before[i], arrayEnumerate(says)), place > 1)) as fields_moved,
      countIf(place = 1 and ifNull(created_at >= observed_at - toIntervalDay(${YOUNG_DAYS}), 0)) > 0 as young
    from steps inner join members on members.platform = steps.platform and members.record_id = steps.record_id
    group by eid
    having notEmpty(fields_moved) or young
  )${byCustomer ? `,\n${customers(facts)}` : ''},
  arrayDistinct(arrayConcat(fields_moved, ${always(kind, fields)})) as chosen
select m.eid as eid, m.entity_id as entity_id, m.customer_entity_id as customer_entity_id, toString(s.platform) as platform, s.record_id as record_id,
  role_now as role, legal_entity_now as legal_entity, region_now as region, brand_now as brand, ${byCustomer ? 'customer_scope' : NO_SCOPE} as customer_scope,
  seq, created_at, changed_at, toString(stamp) as stamp, observed_at, deleted,
  arrayMap(i -> toUInt8(i - 1), chosen) as fields,
  arrayMap(i -> states_all[i], chosen) as states, arrayMap(i -> values_all[i], chosen) as values,
  arrayMap(i -> keys_all[i], chosen) as keys, arrayMap(i -> currencies_all[i], chosen) as currencies
from saying as s
inner join members as m on m.platform = s.platform and m.record_id = s.record_id
inner join moved on moved.eid = m.eid${byCustomer ? '\nleft join customers on customers.customer = m.party' : ''}
order by eid, platform, record_id, s.seq`
}

const NONE = `cast(null, 'Nullable(String)')`
const NO_SCOPE = `cast([], 'Array(Tuple(platform String, legal_entity String))')`

/** The state is always read, because it decides who owns what. */
function always(kind: Kind, fields: readonly Field[]): string {
  const state = fields.findIndex((f) => f.name === 'state')
  return kind.states.length > 0 && state >= 0 ? `[toUInt32(${state + 1})]` : `cast([], 'Array(UInt32)')`
}

const customers = (facts: Facts) => `  customers as (
    select eid as customer, cast(groupArray((toString(platform), assumeNotNull(legal_entity))), 'Array(Tuple(platform String, legal_entity String))') as customer_scope
    from ${tableOf(facts, 'current_customer')} final
    where legal_entity is not null and deleted = 0 and eid in (select party from members)
    group by eid
  )`

function text(f: Field): string {
  const name = ident(column(f))
  if (f.type === 'instant') return `concat(replaceOne(toString(${name}), ' ', 'T'), 'Z')`
  return `cast(toString(${name}), 'Nullable(String)')`
}

function currency(kind: Kind, f: Field): string {
  const of = f.type === 'money' ? kind.fields.find((x) => x.name === f.currency) : undefined
  return of ? text(of) : NONE
}

/** One number for what a version says of a field: its state and its comparison key. A change of spelling alone is none. */
function saying(f: Field): string {
  const key = ident(keyColumn(f))
  const bit = (1n << BigInt(f.bit)).toString()
  const masks = ['held', 'empty', 'unmapped', 'invalid'].map((mask) => `bitAnd(${mask}, toUInt64(${bit}))`)
  return `cityHash64(${masks.join(', ')}, isNull(${key}), ifNull(toString(${key}), ''))`
}
