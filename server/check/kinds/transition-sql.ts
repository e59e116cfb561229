/** State trails as SQL: every state that the records of suspicious entities went through, in the order of the platform's own time. */
import type { Field } from '../../../model/fields.ts'
import type { Kind } from '../../../model/kind.ts'
import { fieldOf, kindOf } from '../../../model/kinds.ts'
import { waysBetween } from '../../../model/paths.ts'
import { currentTable, versionsTable } from '../../store/facts/columns.ts'
import { ident } from '../../store/facts/ident.ts'
import type { Compiled, CompileContext } from '../contract.ts'
import { has, holderTuple, scopeKeys, type Holder } from './holders.ts'
import { present, reachParams, within } from './reach.ts'
import type { Params } from './transition-params.ts'

/** One state that a record was in. Instants are ISO text. */
export interface Stay {
  state: string
  /** When it began: the platform's stamp of the version that brought it, else when we saw it. */
  at: string
  /** When that version was seen. */
  observed_at: string
  writer: string | null
  /** Bits of fields that had a value, or that the platform cannot hold, in some version of the stay; decimal text. */
  filled: string
}

/** One record, the fields that have a value now (bits as decimal text), and the states it went through. */
export type Tracked = [Holder, string, Stay[]]

export interface TransitionRow {
  kind: string
  eid: string
  entity_id: string
  customer_eid: string
  customer_entity_id: string
  copies: Tracked[]
}

/** One SELECT per kind: the entities that may be wrong, with all their live records and trails. */
export function transitionSql(p: Params, ctx: CompileContext, since: number): Compiled[] {
  return present(p.of, ctx).map((name) => one(kindOf(name), p, ctx, since))
}

function one(kind: Kind, p: Params, ctx: CompileContext, since: number): Compiled {
  const db = ident(ctx.database)
  const current = `${db}.${ident(currentTable(kind.name))}`
  const versions = `${db}.${ident(versionsTable(kind.name))}`
  const scope = within(ctx.reach, 'eid')
  const params: Record<string, unknown> = { ...reachParams(ctx.reach) }
  const state = kind.fields.find((f) => f.name === 'state')!
  const all = ctx.reach.full && !ctx.reach.slice
  const near = all ? '1' : `(platform, record_id) in (select platform, record_id from ${current} prewhere ${scope})`
  const suspects = suspectsSql({ kind, p, current, versions, scope, near, state, params, since })
  const sql = `with
  ${suspects},
  records as (
    select eid, entity_id, customer_eid, customer_entity_id, toString(platform) as platform, record_id,
      ${holderTuple(kind, scopeKeys(ctx.landscape))} as holder, toString(bitAnd(held, bitNot(bitOr(empty, invalid)))) as has_now
    from ${current} final
    prewhere eid in (select eid from suspects)
    where deleted = 0
  ),
  ${staysSql(versions, state, '(platform, record_id) in (select platform, record_id from records)')},
  trails as (
    select platform, record_id,
      cast(arrayMap(s -> (s.2, s.3, s.4, s.5, s.6), arraySort(groupArray((step, state, at, observed_at, writer, filled)))), 'Array(${STAY})') as stays
    from stays
    group by platform, record_id
  )
select '${kind.name}' as kind, records.eid as eid, any(records.entity_id) as entity_id, any(records.customer_eid) as customer_eid, any(records.customer_entity_id) as customer_entity_id,
  groupArray(tuple(records.holder, records.has_now, trails.stays)) as copies
from records
left join trails on trails.platform = records.platform and trails.record_id = records.record_id
group by records.eid
order by eid`
  return { sql, params, needed: ['suspects'] }
}

const INSTANT = `DateTime64(3, \\'UTC\\')`
const STAY = `Tuple(state String, at ${INSTANT}, observed_at ${INSTANT}, writer Nullable(String), filled String)`

/** Versions folded into stays, in the order of the platform's own time: what was seen late falls into its place. */
function staysSql(versions: string, state: Field, where: string): string {
  const known = `${has('held', state)} and not ${has('empty', state)} and not ${has('unmapped', state)} and not ${has('invalid', state)} and isNotNull(state)`
  return `seen as (
    select toString(platform) as platform, record_id, seq, observed_at, ifNull(changed_at, observed_at) as at, changed_by as writer, assumeNotNull(toString(state)) as state, bitOr(bitNot(held), bitNot(empty)) as filled
    from ${versions}
    where ${where} and deleted = 0 and ${known}
  ),
  marked as (
    select *, row_number() over one as place, lagInFrame(state) over one as before
    from seen
    window one as (partition by platform, record_id order by at, observed_at, seq rows between unbounded preceding and current row)
  ),
  numbered as (
    select *, countIf(place = 1 or state != before) over (partition by platform, record_id order by at, observed_at, seq rows between unbounded preceding and current row) as step
    from marked
  ),
  stays as (
    select platform, record_id, step, any(state) as state, argMin(numbered.writer, (numbered.at, numbered.observed_at, seq)) as writer,
      toString(groupBitOr(numbered.filled)) as filled, min(numbered.observed_at) as observed_at, min(numbered.at) as at
    from numbered
    group by platform, record_id, step
  )`
}

interface Parts {
  kind: Kind
  p: Params
  current: string
  versions: string
  scope: string
  /** The same for versions, which know no entities. */
  near: string
  state: Field
  params: Record<string, unknown>
  since: number
}

/** By what the smallest columns tell; may let too much through and never too little. */
function suspectsSql({ kind, p, current, versions, scope, near, state, params, since }: Parts): string {
  const live = `${current} final\n    prewhere ${scope}\n    where deleted = 0`
  if (p.finds === 'stuck') {
    params['stuck_in'] = p.in ?? []
    return `suspects as (
    select distinct eid from ${live} and not ${has('unmapped', state)} and state in {stuck_in:Array(String)}
  )`
  }
  // Who moved alone disagrees with the owner still.
  if (p.finds === 'hand_over')
    return `suspects as (
    select eid from ${live} and not ${has('unmapped', state)} and isNotNull(state)
    group by eid
    having uniqExact(state) > 1
  )`
  params['moved_since'] = since
  params['legal'] = kind.states.flatMap((from) =>
    kind.states
      .filter((to) => waysBetween(kind, from, to).some((w) => w.requires.length === 0))
      .map((to) => `${from}>${to}`),
  )
  return `moving as (
    select toString(platform) as platform, record_id
    from ${versions}
    where ${near}
    group by platform, record_id
    having uniqExact(state) > 1 and max(ifNull(changed_at, observed_at)) >= fromUnixTimestamp64Milli({moved_since:Int64}, 'UTC')
  ),
  trodden as (
    select toString(platform) as platform, record_id, arrayMap(s -> s.4, arraySort(groupArray((ifNull(changed_at, observed_at), observed_at, seq, assumeNotNull(toString(state)))))) as states
    from ${versions}
    where (platform, record_id) in (select platform, record_id from moving) and deleted = 0 and not ${has('unmapped', state)} and isNotNull(state)
    group by platform, record_id
    having arrayExists((before, after) -> not has({legal:Array(String)}, concat(before, '>', after)), arrayPopBack(states), arrayPopFront(states))
  ),
  suspects as (
    select distinct eid from ${live} and ((platform, record_id) in (select platform, record_id from trodden)${entered(kind, state)})
  )`
}

/** Records that lack now what every way from the first state requires. */
function entered(kind: Kind, state: Field): string {
  const lacks = (name: string) => {
    const field = fieldOf(kind.name, name)
    return `(${has('held', field)} and ${has('empty', field)})`
  }
  return kind.states
    .map((to) => ({ to, ways: waysBetween(kind, kind.states[0]!, to) }))
    .filter(({ ways }) => ways.length > 0 && ways.every((way) => way.requires.length > 0))
    .map(({ to, ways }) => {
      const all = ways.map((way) => `(${way.requires.map(lacks).join(' or ')})`)
      return `\n      or (state = '${to}' and not ${has('unmapped', state)} and ${all.join(' and ')})`
    })
    .join('')
}
