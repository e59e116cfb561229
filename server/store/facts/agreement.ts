/** Agreement of the customers: how many stand how, and which values two or more platforms hold alike. */
import { column, KEYED, keyColumn, type Field } from '../../../model/fields.ts'
import type { Facts } from './facts.ts'
import { ident, tableOf } from './ident.ts'

/** Every customer is in exactly one of the four. */
export interface Stands {
  agree: number
  /** Somebody is wrong for sure. */
  disagree: number
  /** A difference that may pass, a platform that was not read, or a change that no check has looked at. */
  undecided: number
  /** One platform alone knows the customer: there is nothing to agree with. */
  alone: number
}

export interface AgreementScope {
  /** Platforms that were read far enough. */
  platforms: readonly string[]
  checks: readonly string[]
  /** Revision through which all of these checks have looked. */
  through: string
}

/** What the checks say, by customer. Undecided and in flight never count as agreeing, nor does what nobody looked at. */
export async function customerStands(facts: Facts, { platforms, checks, through }: AgreementScope): Promise<Stands> {
  const [row] = await facts.query<Record<keyof Stands, string>>(
    `with found as (
       select eid, countIf(state = 'open') as open, countIf(state in ('undecided', 'in_flight')) as waiting
       from ${tableOf(facts, 'findings')} final
       where kind = 'customer' and state != 'resolved' and \`check\` in {checks:Array(String)}
       group by eid
     ),
     known as (
       select eid, uniqExactIf(platform, platform in {platforms:Array(String)}) as fresh, countIf(platform not in {platforms:Array(String)}) as stale
       from ${tableOf(facts, 'current_customer')} final
       where deleted = 0
       group by eid
     ),
     stands as (
       select multiIf(ifNull(found.open, 0) > 0, 'disagree',
           ifNull(found.waiting, 0) > 0 or known.stale > 0 or known.eid in (select eid from ${tableOf(facts, 'touched')} where kind = 'customer' and rev > {through:UInt64}), 'undecided',
           known.fresh < 2, 'alone', 'agree') as stand
       from known left join found on found.eid = known.eid
     )
     select toString(countIf(stand = 'agree')) as agree, toString(countIf(stand = 'disagree')) as disagree,
       toString(countIf(stand = 'undecided')) as undecided, toString(countIf(stand = 'alone')) as alone
     from stands`,
    { platforms, checks, through },
  )
  const n = (key: keyof Stands) => Number(row?.[key] ?? 0)
  return { agree: n('agree'), disagree: n('disagree'), undecided: n('undecided'), alone: n('alone') }
}

/** Findings of these checks by state. */
export async function findingStands(facts: Facts, checks: readonly string[]): Promise<Record<string, number>> {
  const rows = await facts.query<{ state: string; n: string }>(
    `select toString(state) as state, toString(count()) as n from ${tableOf(facts, 'findings')} final
     where kind = 'customer' and \`check\` in {checks:Array(String)} and state != 'resolved' group by state`,
    { checks },
  )
  return Object.fromEntries(rows.map((r) => [r.state, Number(r.n)]))
}

/** Customers that each platform holds. */
export async function customersHeld(facts: Facts): Promise<Map<string, number>> {
  const rows = await facts.query<{ name: string; n: string }>(
    `select toString(platform) as name, toString(uniqExact(eid)) as n from ${tableOf(facts, 'current_customer')} final where deleted = 0 group by name`,
  )
  return new Map(rows.map((r) => [r.name, Number(r.n)]))
}

/** One customer: for each field the comparison key that two or more platforms share, and whether any says otherwise. */
export interface AgreedKeys {
  entity_id: string
  keys: (string | null)[]
  differs: number[]
}

/** In batches, by entity. The records of a bill-to or ship-to address are parts of a party and speak for no platform. */
export async function* agreedKeys(
  facts: Facts,
  fields: readonly Field[],
  platforms: readonly string[],
): AsyncIterable<AgreedKeys[]> {
  const said = fields.map((field) => {
    const bit = `toUInt64(${(1n << BigInt(field.bit)).toString()})`
    const key = KEYED.has(field.type) ? ident(keyColumn(field)) : `toString(${ident(column(field))})`
    const speaks = `bitAnd(held, ${bit}) != 0 and bitAnd(bitOr(empty, bitOr(unmapped, invalid)), ${bit}) = 0 and isNotNull(${key})`
    return `(groupUniqArrayIf(ifNull(${key}, ''), ${speaks}), uniqExactIf(platform, ${speaks}))`
  })
  const sql = `select entity_id, arrayMap(s -> if(length(s.1) = 1 and s.2 > 1, cast(s.1[1], 'Nullable(String)'), null), said) as keys, arrayMap(s -> toUInt8(length(s.1) > 1), said) as differs
    from (
      select eid, any(entity_id) as entity_id, [${said.join(',\n        ')}] as said
      from ${tableOf(facts, 'current_customer')} final
      where deleted = 0 and platform in {platforms:Array(String)} and ifNull(toString(role), '') not in ('bill_to', 'ship_to')
      group by eid
      order by eid
    )`
  for await (const rows of facts.stream<AgreedKeys>(sql, { platforms }, 5_000)) yield rows
}
