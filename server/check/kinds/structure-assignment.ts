/** Assignment: a field that two records of one platform which belong together must share, such as the legal entity of an order and its invoices. */
import { column, keyColumn } from '../../../model/fields.ts'
import { fieldOf, kindOf } from '../../../model/kinds.ts'
import type { Observation } from '../../../model/verdict.ts'
import { iso } from '../../clock.ts'
import { currentTable, referenceColumn } from '../../store/facts/columns.ts'
import { ident } from '../../store/facts/ident.ts'
import type { Check, Compiled, CompileContext, JudgeContext } from '../contract.ts'
import { inDoubt, saidSince, titleOf } from '../timing.ts'
import { has, holderTuple, scopeKeys, textOf, type Holder } from './holders.ts'
import { params as matchParams } from './match-params.ts'
import { widened } from './match-reach.ts'
import { reachParams, within } from './reach.ts'
import type { Params } from './structure-params.ts'
import type { Shape } from './structure.ts'

export interface AssignmentRow {
  eid: string
  entity_id: string
  customer_entity_id: string
  record: Holder
  other: Holder
  said: string
  other_said: string
}

/** A correction of one takes this long to reach the other, where the check says nothing. */
const WINDOW_MS = 3_600_000

const otherKind = (p: Params) => fieldOf(p.of, p.via!).to![0]!

export const assignments: Shape<AssignmentRow> = {
  subject: 'entity',
  reads: ({ params: p }) => [p.of, otherKind(p)],
  // Whoever moves, the group of both is looked at: all records that name the same other one.
  widen({ params: p }, ctx) {
    const both = matchParams.parse({ left: { of: otherKind(p) }, right: { of: p.of, by: p.via }, must: 'any' })
    const wide = widened(both, ctx)
    if (wide.full) return wide
    const table = `${ident(ctx.database)}.${ident(currentTable(p.of))}`
    const ref = ident(referenceColumn(fieldOf(p.of, p.via!)))
    return {
      ...wide,
      entities: `${wide.entities} union distinct select eid from ${table} where ${ref} in (${wide.entities})`,
    }
  },
  compile: ({ params: p }, ctx) => [assignmentSql(p, ctx)],
  history: ({ params: p }, rows) =>
    rows.flatMap((r) => [
      { platform: r.record.platform, kind: p.of, record_id: r.record.record_id, field: p.field! },
      { platform: r.other.platform, kind: otherKind(p), record_id: r.other.record_id, field: p.field! },
    ]),
  judge: (check, rows, ctx) =>
    rows
      .filter((r) => ctx.landscape.platforms.some((x) => x.name === r.record.platform))
      .map((r) => observed(check, r, ctx)),
}

function assignmentSql(p: Params, ctx: CompileContext): Compiled {
  const [kind, other] = [kindOf(p.of), kindOf(otherKind(p))]
  const db = ident(ctx.database)
  const ref = ident(referenceColumn(fieldOf(p.of, p.via!)))
  const [mine, theirs] = [fieldOf(p.of, p.field!), fieldOf(other.name, p.field!)]
  const said = (f: typeof mine) =>
    `if(${has('invalid', f)} or ${has('unmapped', f)}, null, cast(${ident(keyColumn(f) || column(f))}, 'Nullable(String)'))`
  const scopes = scopeKeys(ctx.landscape)
  const alive = (k: typeof kind) =>
    `deleted = 0 and (state is null or state not in {off_${k === kind ? 'mine' : 'other'}:Array(String)})`
  const sql = `select toString(a.eid) as eid, a.entity_id as entity_id, a.customer_entity_id as customer_entity_id, a.holder as record, b.holder as other, a.shown as said, b.shown as other_said
from (
  select eid, entity_id, customer_entity_id, ${ref} as joined, toString(platform) as at_platform, ${said(mine)} as compared, ifNull(${textOf(mine)}, '') as shown, ${holderTuple(kind, scopes)} as holder
  from ${db}.${ident(currentTable(kind.name))} final
  prewhere ${within(ctx.reach, 'eid')}
  where ${alive(kind)} and ${ref} != 0
) as a
inner join (
  select eid, toString(platform) as at_platform, ${said(theirs)} as compared, ifNull(${textOf(theirs)}, '') as shown, ${holderTuple(other, scopes)} as holder
  from ${db}.${ident(currentTable(other.name))} final
  where ${alive(other)}
) as b on b.eid = a.joined and b.at_platform = a.at_platform
where a.compared is not null and b.compared is not null and a.compared != b.compared
order by eid, record.record_id, other.record_id`
  const off = (k: typeof kind) => k.states.filter((s) => ['draft', 'void', 'cancelled'].includes(s))
  return { sql, params: { off_mine: off(kind), off_other: off(other), ...reachParams(ctx.reach) } }
}

function observed(check: Check<Params>, r: AssignmentRow, ctx: JudgeContext): Observation {
  const p = check.params
  const [kind, other] = [kindOf(p.of), kindOf(otherKind(p))]
  const field = fieldOf(p.of, p.field!)
  const { platform } = r.record
  const title = titleOf(ctx, platform)
  const sides = [
    { kind: kind.name, holder: r.record, value: r.said },
    { kind: other.name, holder: r.other, value: r.other_said },
  ]
  const subjects = sides.map((s) => ({ platform, kind: s.kind, record_id: s.holder.record_id }))
  const times = sides.flatMap((s, i) => saidSince(subjects[i]!, p.field!, s.holder, ctx) ?? [])
  const since = times.length ? Math.max(...times) : null
  const dueAt = since === null ? null : since + (check.windowMs ?? WINDOW_MS)
  const doubt = sides.find((s) => ctx.doubted(platform, s.kind).has(s.holder.record_id))
  const unread = sides.find((s) => {
    const through = ctx.completeThrough(platform, s.kind)
    return through === null || (dueAt !== null && through < dueAt)
  })
  const flying = dueAt !== null && ctx.asOf < dueAt
  const says = `${kind.title} ${r.record.record_id} in ${title} says ${field.label.toLowerCase()} ${r.said}; its ${other.title.toLowerCase()} ${r.other.record_id} says ${r.other_said}.`
  const evidence: Observation['evidence'] = [{ says, strength: 'strong', disproved_by: 'Both saying the same.' }]
  if (flying) evidence.unshift({ says: `There is time until ${iso(dueAt)}.`, strength: 'strong' })
  else if (doubt)
    evidence.unshift({ says: inDoubt(doubt.holder, ctx), strength: 'strong', disproved_by: 'A person decides.' })
  else if (unread)
    evidence.unshift({
      says: `The ${kindOf(unread.kind).plural} of ${title} have not been read that far.`,
      strength: 'strong',
      disproved_by: 'A complete read of the stream.',
    })
  return {
    key: `${r.entity_id}|${platform}|${r.record.record_id}|${r.other.record_id}`,
    check: check.id,
    category: check.category,
    kind: kind.name,
    entity_id: r.entity_id,
    customer_entity_id: r.customer_entity_id,
    subject: subjects,
    scope: r.record.legal_entity ? { legal_entity: r.record.legal_entity } : {},
    field: field.name,
    verdict: flying ? 'in_flight' : doubt || unread ? 'undecided' : 'drift',
    cause: 'unknown',
    owner_platform: null,
    platform,
    expected: { [platform]: r.other_said },
    actual: { [platform]: r.said },
    values: sides.map((s) => ({
      platform,
      record_id: s.holder.record_id,
      state: 'value' as const,
      value: s.value,
      raw: null,
      changed_at: s.holder.changed_at,
      changed_by: s.holder.changed_by,
      observed_at: s.holder.observed_at,
      complete_through: null,
      stands: s.kind === other.name && s.holder === r.other ? ('owner' as const) : ('follower' as const),
    })),
    evidence,
    amount_at_risk: null,
    currency: null,
    severity: check.severity,
    since: since === null ? null : iso(since),
    due_at: dueAt === null ? null : iso(dueAt),
    title: `${kind.title} and ${other.title.toLowerCase()} name different ${field.label.toLowerCase()} in ${title}`,
  }
}
