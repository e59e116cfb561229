/** Account trees: records that are their own ancestor, and parents whose children hang elsewhere on another platform. */
import { column } from '../../../model/fields.ts'
import { fieldOf, kindOf } from '../../../model/kinds.ts'
import type { Evidence, HeldValue, Observation } from '../../../model/verdict.ts'
import { iso } from '../../clock.ts'
import { currentTable, referenceColumn } from '../../store/facts/columns.ts'
import { ident } from '../../store/facts/ident.ts'
import type { Check, Compiled, CompileContext, JudgeContext } from '../contract.ts'
import { inDoubt, saidSince, timing, titleOf } from '../timing.ts'
import { has, holderTuple, known, placed, primaries, scopeKeys, type Holder } from './holders.ts'
import { parentField, type Params } from './structure-params.ts'
import type { Shape } from './structure.ts'

/** One record and what it hangs under. */
export interface TreeRow {
  eid: string
  entity_id: string
  parent: string
  parent_entity: string
  /** The platform can hold a parent at all. */
  holds: number
  /** It names itself. */
  own: number
  holder: Holder
}

export const tree: Shape<TreeRow> = {
  // A tree may span all customers: the few links there are are looked at together.
  subject: 'none',
  reads: ({ params: p }) => [p.of],
  compile: ({ params: p }, ctx) => [treeSql(p, ctx)],
  history: (check, rows) =>
    rows.map((r) => ({
      platform: r.holder.platform,
      kind: check.params.of,
      record_id: r.holder.record_id,
      field: parentField(check.params),
    })),
  judge(check, rows, ctx) {
    const live = known(
      rows.map((r) => r.holder),
      ctx.landscape,
    )
    const byHolder = new Map(rows.map((r) => [r.holder, r]))
    const all = live.map((h) => byHolder.get(h)!)
    const { find } = check.params
    return [
      ...(find.includes('loop') ? loops(check, all, ctx) : []),
      ...(find.includes('children') ? branches(check, all, ctx) : []),
    ]
  },
}

/** Trees are rarely deeper than this; what hangs deeper is fetched and looked at. */
const DEPTH = 6

function treeSql(p: Params, ctx: CompileContext): Compiled {
  const kind = kindOf(p.of)
  const field = fieldOf(p.of, parentField(p))
  const table = `${ident(ctx.database)}.${ident(currentTable(p.of))}`
  const ref = ident(referenceColumn(field))
  const value = ident(column(field))
  const steps = Array.from(
    { length: DEPTH },
    (_, i) =>
      `deep_${i + 1} as (select * from deep_${i} where (at_platform, up) in (select at_platform, eid from deep_${i}))`,
  )
  const sql = `with
  deep_0 as (
    select eid, toString(platform) as at_platform, ${ref} as up
    from ${table} final
    where deleted = 0 and ${ref} != 0 and ${ref} != eid
  ),
  -- Who has a parent that has a parent: after a few steps only loops and very deep trees are left.
  ${steps.join(',\n  ')},
  selves as (
    select eid from ${table} final
    where deleted = 0 and ifNull(${value}, '') != '' and (${value} = record_id or ${value} = concat(toString(platform), ':', record_id))
  ),
  differing as (
    select eid from ${table} final
    where deleted = 0 and ${has('held', field)} and eid in (select eid from deep_0)
    group by eid
    having uniqExact(${ref}) > 1
  ),
  wanted as (
    select eid from deep_${DEPTH} union distinct select eid from selves union distinct select eid from differing
  )
select toString(c.eid) as eid, c.entity_id as entity_id, toString(c.up) as parent, ifNull(parents.entity_id, '') as parent_entity, c.holds as holds, c.own as own, c.holder as holder
from (
  select eid, entity_id, ${ref} as up, toUInt8(${has('held', field)}) as holds, toUInt8(ifNull(${value} = record_id or ${value} = concat(toString(platform), ':', record_id), 0)) as own,
    ${holderTuple(kind, scopeKeys(ctx.landscape))} as holder
  from ${table} final
  prewhere eid in (select eid from wanted)
  where deleted = 0
) as c
left join (
  select eid, any(entity_id) as entity_id from ${table} final
  where deleted = 0 and eid in (select up from deep_0)
  group by eid
) as parents on parents.eid = c.up
order by eid, holder.platform, holder.record_id`
  // Each step but the first reads the one before it twice.
  const deep = Array.from({ length: DEPTH + 1 }, (_, i) => `deep_${i}`)
  return { sql, params: {}, kept: deep, needed: ['wanted'] }
}

const subjectOf = (r: TreeRow, kind: string) => ({ platform: r.holder.platform, kind, record_id: r.holder.record_id })

function held(r: TreeRow, kind: string, stands: HeldValue['stands'], ctx: JudgeContext): HeldValue {
  const complete = ctx.completeThrough(r.holder.platform, kind)
  return {
    platform: r.holder.platform,
    record_id: r.holder.record_id,
    state: r.parent_entity === '' ? 'empty' : 'value',
    value: r.parent_entity === '' ? null : r.parent_entity,
    raw: null,
    changed_at: r.holder.changed_at,
    changed_by: r.holder.changed_by,
    observed_at: r.holder.observed_at,
    complete_through: complete === null ? null : iso(complete),
    stands,
  }
}

/** Records that name themselves, and circles of several, each told once per platform. */
function loops(check: Check<Params>, rows: readonly TreeRow[], ctx: JudgeContext): Observation[] {
  const found: Observation[] = []
  for (const platform of new Set(rows.map((r) => r.holder.platform))) {
    const here = rows.filter((r) => r.holder.platform === platform)
    for (const r of here) if (r.own) found.push(loop(check, [r], ctx))
    const byEntity = new Map(here.filter((r) => r.parent !== '0' && r.parent !== r.eid).map((r) => [r.eid, r]))
    const done = new Set<string>()
    for (const start of byEntity.values()) {
      const path: TreeRow[] = []
      for (let at: TreeRow | undefined = start; at && !done.has(at.eid); at = byEntity.get(at.parent)) {
        done.add(at.eid)
        path.push(at)
      }
      const back = path.findIndex((r) => r.eid === path.at(-1)?.parent)
      if (back >= 0) found.push(loop(check, path.slice(back), ctx))
    }
  }
  return found
}

function loop(check: Check<Params>, members: TreeRow[], ctx: JudgeContext): Observation {
  const kind = kindOf(check.params.of)
  const sorted = [...members].sort((a, b) => (a.entity_id < b.entity_id ? -1 : 1))
  const first = sorted[0]!
  const { platform } = first.holder
  const title = titleOf(ctx, platform)
  const complete = ctx.completeThrough(platform, kind.name)
  const times = members.flatMap(
    (r) => saidSince(subjectOf(r, kind.name), parentField(check.params), r.holder, ctx) ?? [],
  )
  const since = times.length ? Math.max(...times) : null
  const names = members.map((r) => r.holder.record_id)
  return {
    key: `loop|${platform}|${first.entity_id}|${first.own ? first.holder.record_id : ''}`,
    check: check.id,
    category: check.category,
    kind: kind.name,
    entity_id: first.entity_id,
    customer_entity_id: kind.name === 'customer' ? first.entity_id : '',
    subject: members.map((r) => subjectOf(r, kind.name)),
    scope: first.holder.legal_entity ? { legal_entity: first.holder.legal_entity } : {},
    field: parentField(check.params),
    verdict: complete === null || (since !== null && complete < Math.min(since, ctx.asOf)) ? 'undecided' : 'drift',
    cause: 'invalid_value',
    owner_platform: null,
    platform,
    expected: { [platform]: null },
    actual: { [platform]: [...names, names[0]].join(' → ') },
    values: members.map((r) => held(r, kind.name, 'owner', ctx)),
    evidence: [
      {
        says:
          members.length === 1
            ? `${names[0]} in ${title} is its own parent.`
            : `${names.join(', ')} in ${title} are each other’s ancestors.`,
        strength: 'strong',
        disproved_by: 'One of them without a parent.',
      },
    ],
    amount_at_risk: null,
    currency: null,
    severity: check.severity,
    since: since === null ? null : iso(since),
    due_at: null,
    title:
      members.length === 1
        ? `A ${kind.title.toLowerCase()} is its own parent in ${title}`
        : `${kind.plural.replace(/^./, (c) => c.toUpperCase())} are each other’s parents in ${title}`,
  }
}

interface Branch {
  parent: string
  owner: string
  follower: string
  children: { ours: TreeRow; theirs: TreeRow }[]
}

/** Parents of the owner's tree whose children hang elsewhere on a follower. */
function branches(check: Check<Params>, rows: readonly TreeRow[], ctx: JudgeContext): Observation[] {
  const kind = kindOf(check.params.of)
  const field = parentField(check.params)
  const found = new Map<string, Branch>()
  for (const eid of new Set(rows.map((r) => r.eid))) {
    const mine = rows.filter((r) => r.eid === eid)
    const main = primaries(
      mine.map((r) => r.holder),
      kind.ended,
    )
    const at = placed(ctx.landscape, kind, main.values())
    const rowAt = (name: string) => mine.find((r) => r.holder === main.get(name) && r.holds)
    const owner = ctx.landscape.owners(kind.name, field, at).find((name) => (rowAt(name)?.parent ?? '0') !== '0')
    const ours = owner === undefined ? undefined : rowAt(owner)
    if (!ours || ours.parent === ours.eid) continue
    for (const follower of main.keys()) {
      const theirs = rowAt(follower)
      if (!theirs || follower === owner || theirs.parent === ours.parent) continue
      if (ctx.landscape.standing(kind.name, field, follower, owner!, at) !== 'follower') continue
      const key = `${ours.parent}|${follower}`
      const branch = found.get(key) ?? { parent: ours.parent_entity, owner: owner!, follower, children: [] }
      branch.children.push({ ours, theirs })
      found.set(key, branch)
    }
  }
  return [...found.values()].filter((b) => b.children.length >= check.params.least).map((b) => branch(check, b, ctx))
}

function branch(check: Check<Params>, b: Branch, ctx: JudgeContext): Observation {
  const kind = kindOf(check.params.of)
  const field = parentField(check.params)
  const [ownerTitle, title] = [titleOf(ctx, b.owner), titleOf(ctx, b.follower)]
  const times = b.children.flatMap((c) => saidSince(subjectOf(c.ours, kind.name), field, c.ours.holder, ctx) ?? [])
  const changedAt = times.length ? Math.max(...times) : null
  const stuck = b.children.map((c) => c.theirs.holder).find((h) => ctx.doubted(h.platform, kind.name).has(h.record_id))
  const time = timing(
    {
      kind: kind.name,
      owner: b.owner,
      follower: b.follower,
      edge: ctx.landscape.edge(kind.name, field, b.owner, b.follower),
      windowMs: check.windowMs,
      changedAt,
      unreadable: stuck ? inDoubt(stuck, ctx) : null,
    },
    ctx,
  )
  const alone = b.children.filter((c) => c.theirs.parent === '0').length
  const told = (c: Branch['children'][number]): Evidence => ({
    says: `${c.theirs.holder.record_id} in ${title} ${c.theirs.parent === '0' ? 'hangs under nothing' : 'hangs under another account'}; in ${ownerTitle} ${c.ours.holder.record_id} hangs under this one.`,
    strength: 'strong',
    disproved_by: 'The same parent on both.',
  })
  return {
    key: `children|${b.parent}|${b.follower}`,
    check: check.id,
    category: check.category,
    kind: kind.name,
    entity_id: b.parent,
    customer_entity_id: kind.name === 'customer' ? b.parent : '',
    subject: b.children.flatMap((c) => [subjectOf(c.ours, kind.name), subjectOf(c.theirs, kind.name)]),
    scope: {},
    field,
    verdict: time.verdict,
    cause: alone === b.children.length ? 'never_sent' : 'unknown',
    owner_platform: b.owner,
    platform: b.follower,
    expected: { [b.owner]: `${b.children.length} under this account` },
    actual: { [b.follower]: `${alone} under nothing, ${b.children.length - alone} under others` },
    values: b.children.flatMap((c) => [
      held(c.ours, kind.name, 'owner', ctx),
      held(c.theirs, kind.name, 'follower', ctx),
    ]),
    evidence: [time.says, ...b.children.slice(0, 20).map(told)],
    amount_at_risk: null,
    currency: null,
    severity: check.severity,
    since: changedAt === null ? null : iso(changedAt),
    due_at: time.dueAt === null ? null : iso(time.dueAt),
    title: `${b.children.length} accounts hang elsewhere in ${title} than under their parent in ${ownerTitle}`
      .replace(/^1 accounts hang/, '1 account hangs')
      .replace('their parent', b.children.length === 1 ? 'its parent' : 'their parent'),
  }
}
