/**
 * Matching as SQL: records of both sides put into groups, groups whose sums and counts plainly meet left out, and for
 * the rest every record with what a judge needs. Which of several copies speaks is decided by the judge: a group in
 * which copies say different things is always a candidate.
 */
import { column, KEYED, type Field } from '../../../model/fields.ts'
import { fieldOf, kindOf } from '../../../model/kinds.ts'
import { EXISTENCE } from '../../config/pattern.ts'
import { currentTable, referenceColumn } from '../../store/facts/columns.ts'
import { ident } from '../../store/facts/ident.ts'
import type { Compiled, CompileContext, Reach } from '../contract.ts'
import { has, holderTuple, keyOf, namedTuple, scopeKeys, textOf, type Holder } from './holders.ts'
import { hangsOn, keyNamed, partsOf, termsOf, type Params, type Placed } from './match-params.ts'
import { metSql } from './match-met.ts'
import { reachParams, within } from './reach.ts'
import { conditionSql, Params as Values } from './rule-conditions.ts'
import { heldSomewhere } from './rule-links.ts'
import { platformsOf } from './rule-speaker.ts'

/** What one record says; texts as they are stored. `ok` is '1', '0' or null for not known. */
export interface MatchTold {
  ok: string | null
  value: string | null
  currency: string | null
  day: string | null
}

/** One record of one group. */
export interface MatchRow {
  /** The group: the hash of the entity or keys it hangs on. */
  grp: string
  /** Platform, where every platform is matched in itself. */
  spot: string
  /** Entity that a confirmed match is filed under; empty where nobody confirmed anything. */
  main_entity: string
  /** Difference that a person let pass when confirming. */
  allowance: string | null
  /** What the customer has on the other side and names nothing covers it. */
  pooled: number
  /** The record names nothing that exists or should. */
  loose: number
  part: number
  eid: string
  entity_id: string
  customer_entity_id: string
  copies: [Holder, MatchTold][]
}

interface Built {
  p: Params
  parts: Placed[]
  ctx: CompileContext
  /** As it was given, with the reach written out. */
  asked: CompileContext
  values: Values
  hangs: 'entity' | 'customer' | 'none'
}

/** `all`: every group, not only those that do not plainly meet. */
export function matchSql(p: Params, ctx: CompileContext, all = false): Compiled[] {
  const b = built(p, ctx)
  if (!b) return []
  const sql = `with
  ${[...reachedSql(b), ...stepsOf(b), groupsSql(b, all)].join(',\n  ')}
select toString(g.grp) as grp, g.spot as spot, g.main_entity as main_entity, toString(g.allowance) as allowance, g.pooled as pooled, g.loose as loose, g.part as part, toString(g.eid) as eid,
  t.entity_id as entity_id, t.customer_entity_id as customer_entity_id, t.copies as copies
from (
  select grp, spot, main_entity, allowance, pooled, loose, member.1 as part, member.2 as eid
  from groups
  array join members as member
) as g
inner join (
  ${b.parts.map((x) => copiesSql(b, x)).join('\n  union all\n  ')}
) as t on t.part = g.part and t.eid = g.eid and t.spot = g.spot
order by grp, spot, part, eid`
  return [{ sql, params: paramsOf(b), needed: ['groups'] }]
}

const REACHED = 'select arrayJoin(reached)'

/** What is in reach as one value at the top: it is asked for in many places and worked out once. */
export function reachedSql(b: Built): string[] {
  const { reach } = b.asked
  if (reach.full || b.hangs === 'none') return []
  return [
    `(select groupUniqArray(hash) from (select * from (${b.hangs === 'entity' ? reach.entities : reach.customers}) as moved (hash))) as reached`,
  ]
}

/** Null where nobody can say what belongs together: then there is nothing to judge. */
export function built(p: Params, ctx: CompileContext): Built | null {
  const parts = partsOf(p)
  const unheld = (kind: string, name: string) => !heldSomewhere(ctx, kind, fieldOf(kind, name))
  if (p.only_without !== undefined) {
    const [kind, name] = p.only_without.split('.') as [string, string]
    if (!unheld(kind, name)) return null
  }
  const named = (x: Placed) => x.by.filter((name) => name !== 'self').map((name) => keyNamed(name).field)
  if (parts.some((x) => named(x).some((name) => name !== 'customer' && unheld(x.of, name)))) return null
  const reach: Reach = ctx.reach.full ? ctx.reach : { ...ctx.reach, entities: REACHED, customers: REACHED }
  return { p, parts, ctx: { ...ctx, reach }, asked: ctx, values: new Values(), hangs: hangsOn(p) }
}

export function paramsOf(b: Built): Record<string, unknown> {
  return { ...(b.hangs === 'none' ? {} : reachParams(b.asked.reach)), ...b.values.values }
}

/** Confirmed matches, the records of each part, and all of them under their group. */
export function stepsOf(b: Built): string[] {
  const db = ident(b.ctx.database)
  const union = b.parts
    .map(
      (x) =>
        `select toUInt8(${x.n}) as part, eid, spot, customer, key, loose, counts, value, currency, day, doubt from p${x.n}`,
    )
    .join('\n      union all\n      ')
  const picked = b.parts.filter((x) => x.pick === 'latest').map((x) => x.n)
  const counts = picked.length
    ? `if(part in (${picked.join(', ')}), counts and row_number() over (partition by grp, spot, part order by counts desc, day desc, eid desc) = 1, counts)`
    : 'counts'
  return [
    `confirmed as (
    select key as confirmed_key, main, main_entity as confirmed_entity, allowance as confirmed_allowance
    from ${db}.matched_keys final
    where gone = 0
  )`,
    ...b.parts.map((x) => partSql(b, x)),
    `keyed as (
    select part, eid, spot, customer, value, currency, day, doubt, loose and confirmed_key is null as unnamed, if(confirmed_key is null, key, assumeNotNull(main)) as grp, ifNull(confirmed_entity, '') as filed, confirmed_allowance as passed,
      toUInt8(${counts}) as counted
    from (
      ${union}
    ) as m
    left join confirmed on confirmed_key = m.key
  )`,
  ]
}

function groupsSql(b: Built, all: boolean): string {
  const left = b.parts.filter((x) => x.side === 0).map((x) => x.n)
  const candidate = `(countIf(doubt) > 0 or uniqExactIf(currency, counted) > 1 or not (${metSql(b.p, left.join(', '), b.values)}))`
  const columns = `grp, spot, max(filed) as main_entity, max(passed) as allowance, min(unnamed) as loose, groupArray((part, eid)) as members`
  if (!b.p.pool)
    return `groups as (
    select ${columns}, toUInt8(0) as pooled
    from keyed${groupReach(b)}
    group by grp, spot
    having countIf(counted) + countIf(doubt) > 0${all ? '' : ` and ${candidate}`}
  )`
  const ours = `ifNull(sumIf(value, counted and part in (${left.join(', ')})), 0)`
  const theirs = `ifNull(sumIf(value, counted and part not in (${left.join(', ')})), 0)`
  return `sums as (
    select ${columns}, anyIf(currency, counted) as in_currency, argMin(customer, part) as customer,
      countIf(counted and part in (${left.join(', ')})) > 0 as has_left, greatest(${ours} - ${theirs}, 0) as short, ${theirs} as has, countIf(counted) + countIf(doubt) > 0${all ? '' : ` and ${candidate}`} as candidate
    from keyed${groupReach(b)}
    group by grp, spot
  ),
  pools as (
    select customer as pool_customer, spot as pool_spot, in_currency as pool_currency, sumIf(short, has_left) as lacking, sumIf(has, loose) as free
    from sums
    where customer != 0
    group by pool_customer, pool_spot, pool_currency
  ),
  groups as (
    select grp, spot, main_entity, allowance, loose, members, toUInt8(ifNull(if(has_left, short > 0 and free >= lacking, loose and lacking >= free), 0)) as pooled
    from sums
    left join pools on pool_customer = sums.customer and pool_spot = sums.spot and pool_currency = sums.in_currency
    where candidate
  )`
}

/** Groups of which all records were read: those in reach. */
export function groupReach(b: Built): string {
  return b.hangs === 'entity' ? `\n    where ${within(b.ctx.reach, 'grp')}` : ''
}

const table = (b: Built, x: Placed) => `${ident(b.ctx.database)}.${ident(currentTable(x.of))}`

/** Platforms in the order in which they are asked, and whether no other counts. */
function order(b: Built, x: Placed): { names: string[]; only: boolean } {
  const on = platformsOf(x.on, b.ctx)
  if (on.length) return { names: on, only: true }
  const owners = b.ctx.landscape.owners(x.of, EXISTENCE, { state: null, scope: {} })
  return { names: [...new Set([...owners, ...b.ctx.landscape.platforms.map((p) => p.name)])], only: false }
}

function partSql(b: Built, x: Placed): string {
  const { names, only } = order(b, x)
  const list = b.values.add(names, 'Array(String)')
  const spot = b.p.per === 'platform' ? 'asked' : `''`
  const here = only ? `\n      where toString(platform) in ${list}` : ''
  const valued = x.value !== undefined
  return `p${x.n} as (
    select eid, ${spot} as spot, max(of_customer) as customer, ${x.by[0] === 'self' ? 'toUInt8(0)' : 'toUInt8(max(ref) is null and max(broken) = 0)'} as loose, ifNull(coalesce(argMinIf(ref, place, live and ref is not null), max(ref)), eid) as key,
      ifNull(argMinIf(ok, place, live and ok is not null), 0) = 1 as counts,
      ${valued ? 'argMinIf(amount, place, live and amount is not null)' : `cast(null, 'Nullable(Decimal(38, 9))')`} as value,
      ${valued ? `ifNull(argMinIf(in_currency, place, live and amount is not null and in_currency is not null), '')` : `''`} as currency,
      ${x.date === undefined ? `''` : `ifNull(argMinIf(on_day, place, live and on_day is not null), '')`} as day,
      uniqExactIf(ok, live and ok is not null) > 1${valued ? ` or uniqExactIf(concat(toString(amount), ' ', ifNull(in_currency, '')), live and amount is not null) > 1` : ''} as doubt
    from (
      select eid, customer_eid as of_customer, toString(platform) as asked, deleted = 0 as live, ${brokenSql(b, x)} as broken, indexOf(${list}, toString(platform)) as place, ${refSql(b, x)} as ref,
        ${okSql(b, x)} as ok, ${amountSql(x)} as amount, ${currencySql(x)} as in_currency, ${daySql(x)} as on_day
      from ${table(b, x)} final
      prewhere ${readSql(b, x)}${here}
    )
    group by eid, spot
  )`
}

/** Records that may lie in a group in reach. */
function readSql(b: Built, x: Placed): string {
  const { reach } = b.ctx
  if (b.hangs === 'none' || reach.full) return '1'
  if (b.hangs === 'customer') return within(reach, 'customer_eid', 'customers')
  if (x.by[0] === 'self') return within(reach, 'eid')
  const ref = ident(referenceColumn(fieldOf(x.of, x.by[0]!)))
  return `eid in (select eid from ${table(b, x)} where ${within(reach, 'eid')} or ${within(reach, ref)})`
}

/** What the record hangs on, as one number; NULL where it hangs on nothing. */
function refSql(b: Built, x: Placed): string {
  if (x.by.length === 1 && x.by[0] === 'self') return `cast(eid, 'Nullable(UInt64)')`
  if (b.hangs === 'entity') return `nullIf(${ident(referenceColumn(fieldOf(x.of, x.by[0]!)))}, 0)`
  const keys = x.by.map((name) => {
    const { field, length } = keyNamed(name)
    if (name === 'customer') return 'toString(nullIf(customer_eid, 0))'
    const f = fieldOf(x.of, field)
    const text = length === null ? keyOf(f) : `substring(${textOf(f)}, 1, ${length})`
    return `if(${has('invalid', f)} or ${has('unmapped', f)}, null, ${text})`
  })
  return `if(${keys.map((k) => `${k} is null`).join(' or ')}, null, cityHash64(${keys.map((k) => `assumeNotNull(${k})`).join(', ')}))`
}

/** True where a reference is written and means nothing. */
function brokenSql(b: Built, x: Placed): string {
  if (b.hangs !== 'entity' || x.by[0] === 'self') return '0'
  const f = fieldOf(x.of, x.by[0]!)
  return `ifNull(${ident(column(f))}, '') != '' and ${ident(referenceColumn(f))} = 0`
}

const okSql = (b: Built, x: Placed) =>
  conditionSql(x.of, x.where, { asOf: b.ctx.asOf, platforms: b.ctx.landscape.platforms }, b.values)

/** The amount of one record; NULL where any of its terms is not known. */
function amountSql(x: Placed): string {
  const terms = x.value === undefined ? [] : termsOf(x.value)!
  if (terms.length === 0) return `cast(null, 'Nullable(Decimal(38, 9))')`
  return terms
    .map((t, i) => {
      const f = fieldOf(x.of, t.field)
      const name = ident(column(f))
      const known = `if(${has('invalid', f)}, null, ${name})`
      const said = t.empty ? `ifNull(${known}, if(${has('invalid', f)}, null, toDecimal128(0, 9)))` : known
      return `${t.minus ? (i === 0 ? '-' : ' - ') : i === 0 ? '' : ' + '}${said}`
    })
    .join('')
}

function currencySql(x: Placed): string {
  const first = x.value === undefined ? undefined : fieldOf(x.of, termsOf(x.value)![0]!.field)
  const f = kindOf(x.of).fields.find((c) => c.name === (first?.currency ?? 'currency'))
  return f
    ? `if(${has('invalid', f)}, null, cast(${ident(column(f))}, 'Nullable(String)'))`
    : `cast(null, 'Nullable(String)')`
}

function daySql(x: Placed): string {
  if (x.date === undefined) return `cast(null, 'Nullable(String)')`
  const f: Field = fieldOf(x.of, x.date)
  return `cast(substring(${KEYED.has(f.type) ? ident(column(f)) : textOf(f)}, 1, 10), 'Nullable(String)')`
}

/** The records of one part that lie in a candidate, with all their copies. */
function copiesSql(b: Built, x: Placed): string {
  const { names, only } = order(b, x)
  const told = namedTuple([
    ['ok', `cast(toString(${okSql(b, x)}), 'Nullable(String)')`],
    ['value', `cast(toString(${amountSql(x)}), 'Nullable(String)')`],
    ['currency', currencySql(x)],
    ['day', daySql(x)],
  ])
  const spot = b.p.per === 'platform' ? 'toString(platform)' : `''`
  const here = only ? `\n    where toString(platform) in ${b.values.add(names, 'Array(String)')}` : ''
  return `select toUInt8(${x.n}) as part, eid, ${spot} as spot, any(entity_id) as entity_id, any(customer_entity_id) as customer_entity_id,
      groupArray(tuple(${holderTuple(kindOf(x.of), scopeKeys(b.ctx.landscape))}, ${told})) as copies
    from ${table(b, x)} final
    prewhere ${b.ctx.reach.full || b.hangs === 'none' ? `eid in (select member.2 from groups array join members as member where member.1 = ${x.n})` : readSql(b, x)}${here}
    group by eid, spot`
}

export type { Built }
