/** Existence as SQL: entities that some platform lacks, or that no owner holds, with all the records that are there. */
import type { Kind } from '../../../model/kind.ts'
import { currentTable } from '../../store/facts/columns.ts'
import { ident } from '../../store/facts/ident.ts'
import type { Compiled, CompileContext } from '../contract.ts'
import { reachParams, within } from './reach.ts'
import { holderTuple, scopeKeys, type Holder } from './holders.ts'

export interface ExistRow {
  eid: string
  entity_id: string
  customer_eid: string
  customer_entity_id: string
  holders: Holder[]
  /** Per holder, in the same order: ids in other platforms, as the record states them. */
  refs: Record<string, string>[]
  customer_scope: { platform: string; legal_entity: string }[]
}

/** One place that must hold the record: any one of these platforms. */
export interface Requirement {
  platforms: readonly { name: string; legalEntities: readonly string[] | null }[]
}

export interface ExistWanted {
  requirements: readonly Requirement[]
  /** States in which it must exist; empty: in any. */
  states: readonly string[]
}

export function existSql(kind: Kind, wanted: ExistWanted, ctx: CompileContext): Compiled {
  const table = `${ident(ctx.database)}.${ident(currentTable(kind.name))}`
  const scopes = scopeKeys(ctx.landscape)
  const ownEntity = kind.fields.some((f) => f.name === 'legal_entity')
  const byCustomer = scopes.has('legal_entity') && !ownEntity
  const params: Record<string, unknown> = {
    ...reachParams(ctx.reach),
    ...(wanted.states.length && { states: wanted.states }),
  }
  const bits = wanted.requirements.map((r, i) => `if(${met(r, i, ownEntity, params)}, ${1n << BigInt(i)}, 0)`)
  const all = (1n << BigInt(wanted.requirements.length)) - 1n
  const sql = `with
  -- One bit a requirement: an entity that meets all of them needs no second look. A state that nobody knows may be any.
  incomplete as (
    select eid
    from ${table} final
    prewhere ${within(ctx.reach, 'eid')}
    where deleted = 0
    group by eid
    having groupBitOr(toUInt64(${bits.join(' + ') || '0'})) != ${all}${wanted.states.length ? '\n      and countIf(state is null or state in {states:Array(String)}) > 0' : ''}
  ),
  entities as (
    select eid, any(entity_id) as entity_id, any(customer_eid) as customer_eid, any(customer_entity_id) as customer_entity_id,
      groupArray(${holderTuple(kind, scopes)}) as holders,
      groupArray(cast(refs, 'Map(String, String)')) as refs
    from ${table} final
    prewhere eid in (select eid from incomplete)
    group by eid
  )${byCustomer ? customersSql(ctx.database, table) : ''}
select eid, entity_id, customer_eid, customer_entity_id, holders, refs, ${byCustomer ? 'customer_scope' : `cast([], 'Array(Tuple(platform String, legal_entity String))')`} as customer_scope
from entities${byCustomer ? '\nleft join customers on customers.customer = entities.customer_eid' : ''}
order by eid`
  return { sql, params, needed: ['incomplete'] }
}

/** True for a row that meets the requirement: of one of its platforms, and in its scope where the row says where it belongs. */
function met(requirement: Requirement, i: number, ownEntity: boolean, params: Record<string, unknown>): string {
  const anywhere = requirement.platforms.filter((p) => p.legalEntities === null || !ownEntity)
  const scoped = requirement.platforms.filter((p) => !anywhere.includes(p))
  params[`on_${i}`] = anywhere.map((p) => p.name)
  const parts = [`toString(platform) in {on_${i}:Array(String)}`]
  scoped.forEach((p, j) => {
    params[`on_${i}_${j}`] = p.name
    params[`entities_${i}_${j}`] = p.legalEntities
    parts.push(
      `(toString(platform) = {on_${i}_${j}:String} and (legal_entity is null or legal_entity in {entities_${i}_${j}:Array(String)}))`,
    )
  })
  return parts.join(' or ')
}

/** What the customers of those entities say of the legal entity. */
function customersSql(database: string, table: string): string {
  return `,
  customers as (
    select eid as customer, cast(groupArray((toString(platform), assumeNotNull(legal_entity))), 'Array(Tuple(platform String, legal_entity String))') as customer_scope
    from ${ident(database)}.current_customer final
    where legal_entity is not null and deleted = 0 and eid in (select customer_eid from ${table} where eid in (select eid from incomplete))
    group by eid
  )`
}
