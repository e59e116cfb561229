/**
 * Agreement as SQL, each step on fewer rows and more columns: entities whose stored group hashes differ between their
 * records, of those the ones whose compared keys differ, and of those a row per field with everything a judge needs.
 */
import { keyColumn, type Field } from '../../../model/fields.ts'
import type { Kind } from '../../../model/kind.ts'
import { currentTable, hashColumn } from '../../store/facts/columns.ts'
import { isCustom } from '../../store/facts/custom-field.ts'
import { ident } from '../../store/facts/ident.ts'
import type { Compiled, CompileContext } from '../contract.ts'
import { customCell, customDiffers } from './agree-custom.ts'
import { reachParams, within } from './reach.ts'
import { has, holderTuple, keyOf, namedTuple, scopeKeys, textOf, type Holder } from './holders.ts'

/** One field of one record. */
export interface Cell {
  platform: string
  record_id: string
  is: 'value' | 'empty' | 'absent' | 'cannot_hold' | 'unmapped' | 'invalid'
  value: string | null
  key: string | null
  raw: string | null
  /** For money: the currency of the same record. */
  currency: string | null
}

export interface AgreeRow {
  eid: string
  entity_id: string
  customer_eid: string
  customer_entity_id: string
  field: string
  holders: Holder[]
  cells: Cell[]
  /** What the customer's records say of the legal entity, for kinds that do not say it themselves. */
  customer_scope: { platform: string; legal_entity: string }[]
}

const maskOf = (fields: readonly Field[]) =>
  fields.reduce((mask, f) => (isCustom(f.name) ? mask : mask | (1n << BigInt(f.bit))), 0n)

export function agreeSql(kind: Kind, fields: readonly Field[], ctx: CompileContext): Compiled {
  const table = `${ident(ctx.database)}.${ident(currentTable(kind.name))}`
  const scopes = scopeKeys(ctx.landscape)
  const byCustomer = scopes.has('legal_entity') && !kind.fields.some((f) => f.name === 'legal_entity')
  const cells = fields.map((f) => `('${f.name}', groupArray(${cellTuple(kind, f)}))`)
  const suspects = `select eid
    from ${table}
    prewhere ${within(ctx.reach, 'eid')}
    group by eid
    having ${suspicion(kind, fields, ctx)}`
  const customers = byCustomer
    ? `,
  customers as (
    select eid as customer, cast(groupArray((toString(platform), assumeNotNull(legal_entity))), 'Array(Tuple(platform String, legal_entity String))') as customer_scope
    from ${ident(ctx.database)}.current_customer final
    where legal_entity is not null and deleted = 0 and eid in (select customer_eid from ${table} where eid in (select eid from suspects))
    group by eid
  )`
    : ''
  const sql = `with
  -- Superseded and deleted versions may be among these rows: they can only add a suspect, and the next step reads the
  -- latest live ones. To leave them out would mean reading two more columns of everything.
  suspects as (
    ${suspects}
  ),
  -- Most suspects differ in what is not compared here, or did so before: only keys are read to tell.
  differing as (
    with ${SAID} as said
    select eid
    from ${table} final
    prewhere eid in (select eid from suspects)
    where deleted = 0
    group by eid
    having ${difference(fields)}
  ),
  -- Not named customer_eid: a cell of the field customer reads the column of that name.
  entities as (
    select eid, any(entity_id) as entity_id, any(customer_eid) as party, any(customer_entity_id) as customer_entity_id,
      groupArray(${holderTuple(kind, scopes)}) as holders,
      [
        ${cells.join(',\n        ')}
      ] as fields
    from ${table} final
    prewhere eid in (select eid from differing)
    where deleted = 0
    group by eid
  )${customers}
select eid, entity_id, party as customer_eid, customer_entity_id, compared.1 as field, holders, compared.2 as cells, ${byCustomer ? 'customer_scope' : NO_SCOPE} as customer_scope
from entities
array join fields as compared${byCustomer ? '\nleft join customers on customers.customer = entities.party' : ''}
where ${DIFFERS}
order by eid`
  return { sql, params: reachParams(ctx.reach), needed: ['suspects', 'differing'] }
}

const NO_SCOPE = `cast([], 'Array(Tuple(platform String, legal_entity String))')`

/** Values differ, or one is empty where another is not, or a code waits for its reference map. */
const DIFFERS = `arrayUniq(arrayMap(c -> c.key, arrayFilter(c -> c.is = 'value' and c.key is not null, compared.2))) > 1
  or (arrayExists(c -> c.is = 'empty', compared.2) and arrayExists(c -> c.is = 'value', compared.2))
  or arrayExists(c -> c.is = 'unmapped', compared.2)`

function cellTuple(kind: Kind, field: Field): string {
  if (isCustom(field.name)) return customCell(field)
  const value = textOf(field)
  const currency = field.type === 'money' ? kind.fields.find((f) => f.name === field.currency) : undefined
  return namedTuple([
    ['platform', 'toString(platform)'],
    ['record_id', 'record_id'],
    [
      'is',
      `multiIf(${has('invalid', field)}, 'invalid', ${has('unmapped', field)}, 'unmapped', not ${has('held', field)}, 'cannot_hold', ${has('empty', field)}, 'empty', ${value} is null, 'absent', 'value')`,
    ],
    ['value', value],
    ['key', keyOf(field)],
    ['raw', `if(mapContains(raw, '${field.name}'), cast(raw['${field.name}'], 'Nullable(String)'), null)`],
    ['currency', currency ? textOf(currency) : `cast(null, 'Nullable(String)')`],
  ])
}

/**
 * Which entities may disagree. A group's hash covers the set of held fields, so it is compared among the records that
 * hold anything of the group; where platforms are known to hold different sets the keys themselves are compared.
 */
function suspicion(kind: Kind, fields: readonly Field[], ctx: CompileContext): string {
  // Custom fields have no hash of their own.
  const own = fields.filter((f) => !isCustom(f.name))
  const conditions = fields.filter((f) => isCustom(f.name)).map(customDiffers)
  const hashes: string[] = []
  for (const group of new Set(own.map((f) => f.group))) {
    const whole = maskOf(kind.fields.filter((f) => f.group === group))
    const hash = ident(hashColumn(group))
    const holding = `bitAnd(held, toUInt64(${whole})) != 0`
    if (!sameSets(ctx, kind.name, whole))
      conditions.push(...own.filter((f) => f.group === group).map((f) => keysDiffer(f, SAID)))
    else if (allHold(ctx, kind.name, whole)) hashes.push(hash)
    else conditions.push(`minIf(${hash}, ${holding}) != maxIf(${hash}, ${holding})`)
  }
  // Groups that everybody holds are compared as one: half of the work of a full pass is keeping what each entity has.
  if (hashes.length) {
    const together = hashes.length === 1 ? hashes[0]! : `cityHash64(${hashes.join(', ')})`
    conditions.unshift(`min(${together}) != max(${together})`)
  }
  return anyOf([...conditions, waits(fields)])
}

/** The latest versions differ in a compared field, or a code of theirs waits for its map. */
function difference(fields: readonly Field[]): string {
  return anyOf([...fields.map((f) => keysDiffer(f, 'said')), waits(fields)])
}

const anyOf = (conditions: readonly string[]) => conditions.join('\n      or ')

/** One mask for all: what is tested of each row is tested of the entity. */
const waits = (fields: readonly Field[]) => `bitAnd(groupBitOr(unmapped), toUInt64(${maskOf(fields)})) != 0`

/** Fields in which a record says something that can be compared. */
const SAID = 'bitAnd(held, bitNot(bitOr(bitOr(empty, invalid), unmapped)))'

/** One record alone never differs: it has one key, or none. */
function keysDiffer(field: Field, said: string): string {
  if (isCustom(field.name)) return customDiffers(field)
  const key = field.type === 'reference' ? `nullIf(${ident(keyColumn(field))}, 0)` : ident(keyColumn(field))
  const value = `if(bitTest(${said}, ${field.bit}), ${key}, null)`
  const empty = `bitTest(groupBitOr(bitAnd(held, empty)), ${field.bit})`
  return `ifNull(min(${value}) != max(${value}), 0) or (count(${value}) > 0 and ${empty})`
}

/** True if it is known that every record holds something of the group. */
function allHold(ctx: CompileContext, kind: string, group: bigint): boolean {
  const masks = [...(ctx.held.get(kind)?.values() ?? [])].flat()
  return masks.length > 0 && masks.every((mask) => (BigInt(mask) & group) !== 0n)
}

/** True if all platforms that hold anything of the group hold the same of it; unknown counts as the same, which costs time only. */
function sameSets(ctx: CompileContext, kind: string, group: bigint): boolean {
  const sets = new Set<bigint>()
  for (const masks of ctx.held.get(kind)?.values() ?? []) for (const mask of masks) sets.add(BigInt(mask) & group)
  sets.delete(0n)
  return sets.size <= 1
}
