/** Roles of one party: which of sold-to, bill-to and ship-to each platform has, and where their addresses differ. Roles are never folded together. */
import { column, keyColumn, type Field } from '../../../model/fields.ts'
import { kindOf } from '../../../model/kinds.ts'
import type { Evidence, Observation } from '../../../model/verdict.ts'
import { iso } from '../../clock.ts'
import { currentTable } from '../../store/facts/columns.ts'
import { ident } from '../../store/facts/ident.ts'
import type { Check, Compiled, CompileContext, JudgeContext } from '../contract.ts'
import { inDoubt, stampedAt, timing, titleOf } from '../timing.ts'
import { has, holderTuple, known, placed, primaries, scopeKeys, type Holder } from './holders.ts'
import { reachParams, within } from './reach.ts'
import type { Params } from './structure-params.ts'
import type { Shape } from './structure.ts'

const ROLES = ['sold_to', 'bill_to', 'ship_to'] as const
const NAMES: Record<string, string> = { sold_to: 'sold-to', bill_to: 'bill-to', ship_to: 'ship-to' }

/** The address that a record of this role stands for. */
const groupOf = (role: string) => (role === 'ship_to' ? 'ship_to' : 'bill_to')

export interface RolesRow {
  eid: string
  entity_id: string
  holders: Holder[]
  /** Per holder: comparison keys of its bill-to and ship-to address, part by part; null where it says nothing. */
  addresses: { bill_to: (string | null)[]; ship_to: (string | null)[] }[]
  /** Role → platforms that keep records of it for anybody. */
  keepers: [string, string][]
}

export const roles: Shape<RolesRow> = {
  subject: 'entity',
  reads: ({ params: p }) => [p.of],
  compile: ({ params: p }, ctx) => [rolesSql(p.of, ctx)],
  judge: (check, rows, ctx) => rows.flatMap((row) => judgeRow(check, row, ctx)),
}

const parts = (of: string, group: string): Field[] => kindOf(of).fields.filter((f) => f.name.startsWith(`${group}.`))

function rolesSql(of: string, ctx: CompileContext): Compiled {
  const table = `${ident(ctx.database)}.${ident(currentTable(of))}`
  const key = (f: Field) =>
    `if(${has('invalid', f)} or ${has('unmapped', f)}, null, cast(${ident(keyColumn(f) || column(f))}, 'Nullable(String)'))`
  const keys = (group: string) => `[${parts(of, group).map(key).join(', ')}]`
  const hash = `multiIf(role = 'ship_to', cityHash64(toString(${keys('ship_to')})), cityHash64(toString(${keys('bill_to')})))`
  const sql = `with
  (select groupUniqArray((assumeNotNull(role), toString(platform))) from ${table} where role in {roles:Array(String)} and deleted = 0 and gone = 0) as kept,
  parts as (
    select eid, assumeNotNull(role) as of_role, toString(platform) as at_platform, arraySort(groupArray(${hash})) as addresses
    from ${table} final
    prewhere ${within(ctx.reach, 'eid')}
    where deleted = 0 and role in {roles:Array(String)}
    group by eid, of_role, at_platform
  ),
  homes as (
    select eid, groupUniqArray(toString(platform)) as platforms
    from ${table} final
    prewhere eid in (select eid from parts)
    where deleted = 0
    group by eid
  ),
  differing as (
    select distinct sets.eid as eid
    from (
      select eid, of_role, count() as there, uniqExact(addresses) as ways
      from parts
      group by eid, of_role
    ) as sets
    inner join homes on homes.eid = sets.eid
    where ways > 1 or there < arrayCount(p -> has(kept, (of_role, p)), platforms)
  )
select toString(eid) as eid, any(entity_id) as entity_id, groupArray(${holderTuple(kindOf(of), scopeKeys(ctx.landscape))}) as holders,
  groupArray(cast(tuple(${keys('bill_to')}, ${keys('ship_to')}), 'Tuple(bill_to Array(Nullable(String)), ship_to Array(Nullable(String)))')) as addresses, any(kept) as keepers
from ${table} final
prewhere eid in (select eid from differing)
group by eid
order by eid`
  return { sql, params: { roles: [...ROLES], ...reachParams(ctx.reach) }, needed: ['parts', 'differing'] }
}

interface Member {
  holder: Holder
  address: (string | null)[]
}

function judgeRow(check: Check<Params>, row: RolesRow, ctx: JudgeContext): Observation[] {
  const kind = kindOf(check.params.of)
  const addressOf = new Map(row.holders.map((h, i) => [h, row.addresses[i]!]))
  const holders = known(row.holders, ctx.landscape).filter((h) => !h.deleted)
  const main = primaries(holders, kind.ended)
  const at = placed(ctx.landscape, kind, main.values())
  return ROLES.flatMap((role) => {
    const group = groupOf(role)
    const field = parts(kind.name, group)[0]!.name
    const of = (platform: string): Member[] =>
      holders
        .filter((h) => h.platform === platform && h.role === role)
        .map((holder) => ({ holder, address: addressOf.get(holder)![group] }))
    const owner = ctx.landscape.owners(kind.name, field, at).find((name) => of(name).length > 0)
    if (owner === undefined) return []
    return [...main.keys()]
      .filter((name) => name !== owner && row.keepers.some(([r, p]) => r === role && p === name))
      .filter((name) => ctx.landscape.standing(kind.name, field, name, owner, at) === 'follower')
      .flatMap((name) =>
        edge(
          { check, row, role, owner, follower: name, ours: of(owner), theirs: of(name), main, scope: at.scope, field },
          ctx,
        ),
      )
  })
}

interface Edge {
  check: Check<Params>
  row: RolesRow
  role: string
  owner: string
  follower: string
  ours: Member[]
  theirs: Member[]
  main: ReadonlyMap<string, Holder>
  scope: Record<string, string>
  field: string
}

/** Equal in every part that both of them hold. */
const same = (a: readonly (string | null)[], b: readonly (string | null)[]) =>
  a.every((x, i) => x === null || b[i] === null || x === b[i])

function edge(e: Edge, ctx: JudgeContext): Observation[] {
  const { check, role, owner, follower, ours, theirs } = e
  const left = [...theirs]
  const unmet = ours.filter((m) => {
    const i = left.findIndex((t) => same(m.address, t.address))
    if (i >= 0) left.splice(i, 1)
    return i < 0
  })
  // Records that only the follower has are its own; what it lacks or spells otherwise is the difference.
  if (unmet.length === 0) return []
  const missing = theirs.length === 0
  const [ownerTitle, title] = [titleOf(ctx, owner), titleOf(ctx, follower)]
  const times = [...unmet, ...left].flatMap((m) => (m.holder.platform === owner ? (stampedAt(m.holder) ?? []) : []))
  const changedAt = times.length ? Math.max(...times) : null
  const stuck = ours.find((m) => ctx.doubted(owner, check.params.of).has(m.holder.record_id))
  const time = timing(
    {
      kind: check.params.of,
      owner,
      follower,
      edge: ctx.landscape.edge(check.params.of, e.field, owner, follower),
      windowMs: check.windowMs,
      changedAt,
      followerChangedAt: left.length ? stampedAt(left[0]!.holder) : null,
      unreadable: stuck ? inDoubt(stuck.holder, ctx) : null,
    },
    ctx,
  )
  const name = NAMES[role]!
  const has_ = [
    ...new Set(ROLES.filter((r) => e.row.holders.some((h) => h.platform === follower && !h.deleted && h.role === r))),
  ].map((r) => NAMES[r])
  const evidence: Evidence[] = [
    time.says,
    {
      says: missing
        ? `${ownerTitle} has ${ours.length} ${name} ${ours.length === 1 ? 'record' : 'records'} of this party, ${title} has ${has_.length ? `only ${has_.join(' and ')}` : 'none with a role'}.`
        : `${unmet.length} of ${ours.length} ${name} ${ours.length === 1 ? 'address' : 'addresses'} of ${ownerTitle} ${unmet.length === 1 ? 'is' : 'are'} not among those of ${title}.`,
      strength: 'strong',
      disproved_by: `A ${name} record in ${title} with the same address.`,
    },
  ]
  const about = [...unmet, ...left]
  return [
    {
      key: `${e.row.entity_id}|${role}|${follower}`,
      check: check.id,
      category: check.category,
      kind: check.params.of,
      entity_id: e.row.entity_id,
      customer_entity_id: e.row.entity_id,
      subject: [...about.map((m) => m.holder), ...(missing ? [e.main.get(follower)!] : [])].map((h) => ({
        platform: h.platform,
        kind: check.params.of,
        record_id: h.record_id,
      })),
      scope: e.scope,
      field: groupOf(role),
      verdict: time.verdict,
      cause: missing ? 'never_sent' : 'unknown',
      owner_platform: owner,
      platform: follower,
      expected: { [owner]: `${ours.length} ${name}` },
      actual: { [follower]: missing ? null : `${theirs.length} ${name}` },
      values: about.map((m) => ({
        platform: m.holder.platform,
        record_id: m.holder.record_id,
        state: 'value' as const,
        value: name,
        raw: null,
        changed_at: m.holder.changed_at,
        changed_by: m.holder.changed_by,
        observed_at: m.holder.observed_at,
        complete_through: completeText(m.holder.platform, check.params.of, ctx),
        stands: m.holder.platform === owner ? ('owner' as const) : ('follower' as const),
      })),
      evidence,
      amount_at_risk: null,
      currency: null,
      severity: check.severity,
      since: changedAt === null ? null : iso(changedAt),
      due_at: time.dueAt === null ? null : iso(time.dueAt),
      title: missing
        ? `The ${name} record of a party is missing in ${title}`
        : `The ${name} address of a party differs in ${title}`,
    },
  ]
}

function completeText(platform: string, kind: string, ctx: JudgeContext): string | null {
  const at = ctx.completeThrough(platform, kind)
  return at === null ? null : iso(at)
}
