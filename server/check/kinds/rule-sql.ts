/**
 * A subject and the records around it as SQL. Two phases: first, by flags alone, the subjects that may fulfil every
 * part; then, for those, all records with the values that a judge needs. The first phase may let too much through and
 * never too little: which of several copies speaks is decided by the judge.
 */
import { column } from '../../../model/fields.ts'
import type { Kind } from '../../../model/kind.ts'
import { fieldOf, kindOf } from '../../../model/kinds.ts'
import { currentTable } from '../../store/facts/columns.ts'
import { ident } from '../../store/facts/ident.ts'
import type { Compiled, CompileContext } from '../contract.ts'
import { holderTuple, namedTuple, scopeKeys, textOf, type Holder } from './holders.ts'
import { conditionSql, Params, type Where } from './rule-conditions.ts'
import { linkFor, refColumn, type Clause, type Link } from './rule-links.ts'
import { scopeSql } from './rule-reach.ts'
import { reachParams } from './reach.ts'

/** exists: one at least. any_of: one at least over all clauses of the sort. missing: none. with: told of, not asked for. */
export type Sort = 'exists' | 'any_of' | 'missing' | 'with'

export interface Part extends Clause {
  sort: Sort
  /** Platforms whose copy counts; empty: whoever speaks. */
  platforms: readonly string[]
  /** SQL day (over a row of `wanted`) that the latest of its dates `field` must reach, for `missing`. */
  since?: { field: string; from: string }
  /** For `missing`: only a record that surely fulfils the conditions counts; else one of which that is not known does too. */
  sure?: boolean
}

export interface Lookup {
  of: string
  when: Where | undefined
  parts: readonly Part[]
  /** Kind → fields whose values the judge needs. */
  take: ReadonlyMap<string, ReadonlySet<string>>
  /** Fields of the subject that `since.from` names, as `s_<column>`. */
  ask?: readonly string[]
  /** Everything is looked at in every run. */
  always: boolean
}

/** What one record says: `ok` is '1', '0' or null for not known; values under `v_<column>`. */
export type Told = { ok: string | null } & Record<string, string | null>
export type Copy = [Holder, Told]
export interface Thing {
  entity_id: string
  copies: Copy[]
}
export interface LookupRow {
  eid: string
  entity_id: string
  customer_eid: string
  customer_entity_id: string
  copies: Copy[]
  /** Per part, in order. */
  found: [string, Copy[]][][]
}

export const valueName = (field: string) => `v_${field.replaceAll('.', '_')}`

interface Built {
  ctx: CompileContext
  params: Params
  lookup: Lookup
  kind: Kind
  links: Link[]
}

/** Nothing where a link can be followed on no platform: what nobody can say is not judged. */
export function lookupSql(lookup: Lookup, ctx: CompileContext): Compiled[] {
  const kind = kindOf(lookup.of)
  const links: Link[] = []
  for (const part of lookup.parts) {
    const link = linkFor(kind, part, ctx)
    if (!link) return []
    links.push(link)
  }
  const b: Built = { ctx, params: new Params(), lookup, kind, links }
  const steps = [
    wanted(b),
    ...lookup.parts.flatMap((p, i) => (p.sort === 'with' ? [] : [hit(b, p, i)])),
    candidates(b),
    subjects(b),
    ...lookup.parts.map((p, i) => found(b, p, i)),
  ]
  const joins = lookup.parts.map((_, i) => `\nleft join found_${i} on found_${i}.subject = subjects.eid`).join('')
  const empty = `cast([], 'Array(Tuple(String, Array(Tuple(UInt8, UInt8))))')`
  const lists = lookup.parts.map((_, i) => `found_${i}.found`)
  const sql = `with
  ${steps.join(',\n  ')}
select subjects.eid as eid, subjects.entity_id as entity_id, subjects.customer_eid as customer_eid, subjects.customer_entity_id as customer_entity_id, subjects.copies as copies,
  ${lists.length ? `tuple(${lists.join(', ')})` : empty} as found
from subjects${joins}
order by eid`
  return [
    {
      sql,
      params: { ...(lookup.always ? {} : reachParams(ctx.reach)), ...b.params.values },
      needed: ['wanted', 'candidates'],
    },
  ]
}

const table = (b: Built, kind: string) => `${ident(b.ctx.database)}.${ident(currentTable(kind))}`
const okSql = (b: Built, kind: string, conditions: Where | undefined) =>
  conditionSql(kind, conditions, { asOf: b.ctx.asOf, platforms: b.ctx.landscape.platforms }, b.params)

/** Subjects that some record of theirs says the conditions of. */
function wanted(b: Built): string {
  const { lookup, links } = b
  const refs = links.flatMap((l, i) =>
    l.how === 'out' ? [`groupUniqArrayIf(${refColumn(l.field)}, ${refColumn(l.field)} != 0) as refs_${i}`] : [],
  )
  const than = lookup.parts.flatMap((p, i) =>
    p.later ? [`min(${dayText(b, lookup.of, p.later.than)}) as than_${i}`] : [],
  )
  const asked = (lookup.ask ?? []).map((name) => `max(${textOf(fieldOf(lookup.of, name))}) as s_${column({ name })}`)
  return `wanted as (
    select ${['eid', 'any(customer_eid) as customer', ...refs, ...than, ...asked].join(', ')}
    from ${table(b, lookup.of)} final
    prewhere ${scopeSql(lookup, b.ctx, b.params)}
    where deleted = 0
    group by eid
    having max(ifNull(${okSql(b, lookup.of, lookup.when)}, 0)) = 1
  )`
}

/** The calendar day of a date or instant as text. */
function dayText(b: Built, kind: string, name: string): string {
  return `substring(${textOf(fieldOf(kind, name))}, 1, 10)`
}

/** Per subject or customer: whether some copy fulfils the part, and whether all copies of one record do. */
function hit(b: Built, part: Part, i: number): string {
  const link = b.links[i]!
  const ok = okSql(b, part.of, part.where)
  const here = part.platforms.length ? `toString(platform) in ${b.params.add(part.platforms, 'Array(String)')}` : '1'
  const dateField = part.later?.field ?? part.since?.field
  const last =
    dateField === undefined
      ? ''
      : `, maxIf(${dayText(b, part.of, dateField)}, ${here} and ifNull(${part.sort === 'missing' ? `ifNull(${ok}, 1)` : ok}, 0) = 1) as latest`
  const keys =
    link.how === 'in'
      ? `groupUniqArrayIf(${refColumn(link.field)}, ${refColumn(link.field)} != 0)`
      : link.how === 'customer'
        ? 'groupUniqArrayIf(customer_eid, customer_eid != 0)'
        : '[eid]'
  const entities = `select eid, ${keys} as keys, maxIf(ifNull(${ok}, 0), ${here}) as some_one, countIf(${here}) > 0 and minIf(ifNull(${ok}, ${part.sure ? 0 : 1}), ${here}) = 1 as whole_one${last}
      from ${table(b, part.of)} final
      where deleted = 0${narrow(b, part, i)}
      group by eid`
  const joined =
    link.how === 'out'
      ? `(select eid as subject, arrayJoin(refs_${i}) as ref from wanted) as pairs inner join (${entities}) as things on things.eid = pairs.ref`
      : `(${entities}) as things`
  const key = link.how === 'out' ? 'pairs.subject' : 'arrayJoin(things.keys)'
  return `hit_${i} as (
    select ${key} as joined, max(some_one) as some, max(whole_one) as whole${dateField === undefined ? '' : ', max(latest) as last'}
    from ${joined}
    group by joined
  )`
}

/** Where not everything is looked at, only records around the subjects are read. */
function narrow(b: Built, part: Part, i: number): string {
  if (b.lookup.always || (b.ctx.reach.full && !b.ctx.reach.slice)) return ''
  const link = b.links[i]!
  if (link.how === 'out') return ` and eid in (select arrayJoin(refs_${i}) from wanted)`
  if (link.how === 'same') return ' and eid in (select eid from wanted)'
  const [name, from] = link.how === 'in' ? [refColumn(link.field), 'eid'] : ['customer_eid', 'customer']
  return ` and eid in (select eid from ${table(b, part.of)} where ${name} in (select ${from} from wanted))`
}

function candidates(b: Built): string {
  const asked = b.lookup.parts.map((part, i) => ({ part, i })).filter(({ part }) => part.sort !== 'with')
  const joins = asked
    .map(
      ({ i }) =>
        `\n    left join hit_${i} on hit_${i}.joined = ${b.links[i]!.how === 'customer' ? 'wanted.customer' : 'wanted.eid'}`,
    )
    .join('')
  const holds = ({ part, i }: { part: Part; i: number }) => {
    if (part.since) return `ifNull(hit_${i}.last, '') < ${part.since.from}`
    if (part.sort === 'missing') return `ifNull(hit_${i}.whole, 0) = 0`
    return `ifNull(hit_${i}.some, 0) = 1${part.later ? ` and ifNull(hit_${i}.last > wanted.than_${i}, 0)` : ''}`
  }
  const all = asked.filter(({ part }) => part.sort !== 'any_of').map(holds)
  const any = asked.filter(({ part }) => part.sort === 'any_of').map((a) => `(${holds(a)})`)
  const conditions = [...all, ...(any.length ? [`(${any.join(' or ')})`] : [])]
  return `candidates as (
    select wanted.eid as eid, wanted.customer as customer
    from wanted${joins}${conditions.length ? `\n    where ${conditions.join(' and ')}` : ''}
  )`
}

function subjects(b: Built): string {
  return `subjects as (
    select eid, any(entity_id) as entity_id, any(customer_eid) as customer_eid, any(customer_entity_id) as customer_entity_id, groupArray(${copy(b, b.lookup.of, b.lookup.when)}) as copies
    from ${table(b, b.lookup.of)} final
    prewhere eid in (select eid from candidates)
    where deleted = 0
    group by eid
  )`
}

function copy(b: Built, kind: string, conditions: Where | undefined): string {
  const values = [...(b.lookup.take.get(kind) ?? [])].map((name): [string, string] => [
    valueName(name),
    textOf(fieldOf(kind, name)),
  ])
  return `tuple(${holderTuple(kindOf(kind), scopeKeys(b.ctx.landscape))}, ${namedTuple([['ok', `cast(toString(${okSql(b, kind, conditions)}), 'Nullable(String)')`], ...values])})`
}

/** The records around each candidate. */
function found(b: Built, part: Part, i: number): string {
  const link = b.links[i]!
  const related = table(b, part.of)
  const pairs =
    link.how === 'in'
      ? `select distinct ${refColumn(link.field)} as subject, eid as related from ${related} final where deleted = 0 and ${refColumn(link.field)} in (select eid from candidates)`
      : link.how === 'out'
        ? `select distinct eid as subject, ${refColumn(link.field)} as related from ${table(b, b.lookup.of)} final where deleted = 0 and ${refColumn(link.field)} != 0 and eid in (select eid from candidates)`
        : link.how === 'same'
          ? 'select eid as subject, eid as related from candidates'
          : `select distinct c.eid as subject, r.eid as related from candidates as c inner join (select distinct eid, customer_eid from ${related} final where deleted = 0 and customer_eid != 0 and customer_eid in (select customer from candidates)) as r on r.customer_eid = c.customer`
  const only = part.sort === 'missing' ? '' : `\n      having max(ifNull(${okSql(b, part.of, part.where)}, 0)) = 1`
  return `pairs_${i} as (${pairs}),
  found_${i} as (
    select pairs_${i}.subject as subject, groupArray(tuple(things.entity_id, things.copies)) as found
    from pairs_${i}
    inner join (
      select eid, any(entity_id) as entity_id, groupArray(${copy(b, part.of, part.where)}) as copies
      from ${related} final
      where deleted = 0 and eid in (select related from pairs_${i})
      group by eid${only}
    ) as things on things.eid = pairs_${i}.related
    group by subject
  )`
}
