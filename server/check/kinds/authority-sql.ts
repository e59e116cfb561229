/**
 * Authority as SQL: entities on several platforms of which a compared field changed after it was first seen, with every
 * value that every field of their records had, and the stamps before and after each change.
 */
import { column, type Field } from '../../../model/fields.ts'
import type { Kind } from '../../../model/kind.ts'
import { currentTable, versionsTable } from '../../store/facts/columns.ts'
import { ident } from '../../store/facts/ident.ts'
import type { Compiled, CompileContext } from '../contract.ts'
import { has, holderTuple, keyOf, scopeKeys, textOf, type Holder } from './holders.ts'
import { reachParams, within } from './reach.ts'

/** One value that a field took on one record. Instants are ISO text. */
export interface Told {
  is: 'value' | 'empty' | 'absent' | 'cannot_hold' | 'unmapped' | 'invalid'
  key: string | null
  value: string | null
  /** For money: the currency of the same version. */
  currency: string | null
  changed_at: string | null
  observed_at: string
  changed_by: string | null
  /** Stamp and sight of the version before this one, whatever that version was about; `seen_before` null: the first. */
  stamp_before: string | null
  seen_before: string | null
}

export interface Trail {
  platform: string
  record_id: string
  field: string
  steps: Told[]
}

export interface AuthorityRow {
  kind: string
  eid: string
  entity_id: string
  customer_eid: string
  customer_entity_id: string
  holders: Holder[]
  trails: Trail[]
  /** What the customer's records say of the legal entity, for kinds that do not say it themselves. */
  customer_scope: { platform: string; legal_entity: string }[]
}

export function authoritySql(kind: Kind, fields: readonly Field[], ctx: CompileContext): Compiled {
  const db = ident(ctx.database)
  const current = `${db}.${ident(currentTable(kind.name))}`
  const versions = `${db}.${ident(versionsTable(kind.name))}`
  const scopes = scopeKeys(ctx.landscape)
  const byCustomer = scopes.has('legal_entity') && !kind.fields.some((f) => f.name === 'legal_entity')
  const reached = within(ctx.reach, 'eid')
  const near =
    reached === '1'
      ? ''
      : `\n    where (platform, record_id) in (select platform, record_id from ${current} prewhere ${reached} where gone = 0)`
  const sql = `with
  -- Most records never changed: only two small columns are read to tell.
  several as (
    select platform, record_id
    from ${versions}${near}
    group by platform, record_id
    having count() > 1
  ),
  -- Records of which a compared field took another value after it was first seen.
  written as (
    select platform, record_id
    from ${versions}
    where (platform, record_id) in (select platform, record_id from several)
    group by platform, record_id
    having (${fields.map((f) => `min(${saying(f)}) != max(${saying(f)})`).join('\n      or ')})
  ),
  suspects as (
    select eid
    from ${current} final
    prewhere eid in (select eid from ${current} final prewhere ${reached} where deleted = 0 and (platform, record_id) in (select platform, record_id from written))
    where deleted = 0
    group by eid
    having uniqExact(platform) > 1
  ),
  entities as (
    select eid, any(entity_id) as entity_id, any(customer_eid) as party, any(customer_entity_id) as customer_entity_id,
      groupArray(${holderTuple(kind, scopes)}) as holders
    from ${current} final
    prewhere eid in (select eid from suspects)
    where deleted = 0
    group by eid
  ),
  members as (
    select platform, record_id, eid from ${current} final prewhere eid in (select eid from suspects) where deleted = 0
  ),
  told as (
    select platform, record_id, seq, changed_at, observed_at, changed_by,
      row_number() over one as place, lagInFrame(changed_at) over one as stamp_before, lagInFrame(observed_at) over one as seen_before,
      [${kind.fields.map((f) => cellTuple(kind, f)).join(',\n        ')}] as cells
    from ${versions}
    where (platform, record_id) in (select platform, record_id from members) and deleted = 0
    window one as (partition by platform, record_id order by seq rows between unbounded preceding and current row)
  ),
  steps as (
    select platform, record_id, seq, changed_at, observed_at, changed_by, place, stamp_before, seen_before, cell,
      lagInFrame(cell.says) over (partition by platform, record_id, cell.field order by seq rows between unbounded preceding and current row) as before
    from told
    array join cells as cell
  ),
  trails as (
    select platform, record_id, cell.field as field, arrayMap(s -> s.2, arraySort(s -> s.1, groupArray((seq, ${stepTuple()})))) as steps
    from steps
    where place = 1 or cell.says != before
    group by platform, record_id, field
  ),
  histories as (
    select members.eid as owner_eid, groupArray(cast(tuple(toString(trails.platform), trails.record_id, trails.field, trails.steps), 'Tuple(platform String, record_id String, field String, steps Array(${STEP}))')) as every_trail
    from trails
    inner join members on members.platform = trails.platform and members.record_id = trails.record_id
    group by owner_eid
  )${byCustomer ? customers(db, current) : ''}
select '${kind.name}' as kind, eid, entity_id, party as customer_eid, customer_entity_id, holders, every_trail as trails, ${byCustomer ? 'customer_scope' : NO_SCOPE} as customer_scope
from entities
inner join histories on histories.owner_eid = entities.eid${byCustomer ? '\nleft join customers on customers.customer = entities.party' : ''}
order by eid`
  return { sql, params: reachParams(ctx.reach), needed: ['several', 'written', 'suspects'] }
}

const NO_SCOPE = `cast([], 'Array(Tuple(platform String, legal_entity String))')`

const customers = (db: string, table: string) => `,
  customers as (
    select eid as customer, cast(groupArray((toString(platform), assumeNotNull(legal_entity))), 'Array(Tuple(platform String, legal_entity String))') as customer_scope
    from ${db}.current_customer final
    where legal_entity is not null and deleted = 0 and eid in (select customer_eid from ${table} where eid in (select eid from suspects))
    group by eid
  )`

const isSql = (f: Field) =>
  `multiIf(${has('invalid', f)}, 'invalid', ${has('unmapped', f)}, 'unmapped', not ${has('held', f)}, 'cannot_hold', ${has('empty', f)}, 'empty', ${ident(column(f))} is null, 'absent', 'value')`

/** A reference is compared as it is written: here it only tells that something else of the record changed too. */
const keySql = (f: Field) => (f.type === 'reference' ? `cast(${ident(column(f))}, 'Nullable(String)')` : keyOf(f))

/** One number for what a version says about the field; a change of spelling alone is none. */
const saying = (f: Field) => `cityHash64(${isSql(f)}, ifNull(toString(${keySql(f)}), ''))`

function cellTuple(kind: Kind, f: Field): string {
  const currency = f.type === 'money' ? kind.fields.find((other) => other.name === f.currency) : undefined
  const value = f.type === 'reference' ? keySql(f) : textOf(f)
  const none = `cast(null, 'Nullable(String)')`
  return `cast(tuple('${f.name}', ${isSql(f)}, cast(toString(${keySql(f)}), 'Nullable(String)'), ${value}, ${currency ? textOf(currency) : none}, ${saying(f)}), 'Tuple(field String, is String, key Nullable(String), value Nullable(String), currency Nullable(String), says UInt64)')`
}

const INSTANT = `DateTime64(3, \\'UTC\\')`
const STEP = `Tuple(is String, key Nullable(String), value Nullable(String), currency Nullable(String), changed_at Nullable(${INSTANT}), observed_at ${INSTANT}, changed_by Nullable(String), stamp_before Nullable(${INSTANT}), seen_before Nullable(${INSTANT}))`

const stepTuple = () =>
  `cast(tuple(cell.is, cell.key, cell.value, cell.currency, changed_at, observed_at, changed_by, stamp_before, if(place = 1, null, seen_before)), '${STEP}')`
