/** duplicate: one entity with several live records on one platform; several records with one business key. */
import { z } from 'zod'
import { column, keyColumn, type Field } from '../../../model/fields.ts'
import type { Kind } from '../../../model/kind.ts'
import { fieldOf, hasKind, kindOf } from '../../../model/kinds.ts'
import type { Evidence, Observation } from '../../../model/verdict.ts'
import { iso } from '../../clock.ts'
import { kindName } from '../../config/words.ts'
import { currentTable } from '../../store/facts/columns.ts'
import { ident } from '../../store/facts/ident.ts'
import { subjectsOf } from '../blame.ts'
import { defineCheckKind, type Check, type Compiled, type CompileContext, type JudgeContext } from '../contract.ts'
import { reachParams, within } from './reach.ts'
import { instant, titleOf } from '../timing.ts'
import { duplicateCause } from './duplicate-cause.ts'
import { judgeLikely, LIKELY_KIND, likelySql, type LikelyRow } from './duplicate-likely.ts'
import { has, holderTuple, isPart, scopeKeys, type Holder } from './holders.ts'

const params = z.strictObject({
  of: kindName.describe('Kind of record.'),
  on: z.array(z.string()).optional().describe('Roles or platforms that are looked at; default: all.'),
  by: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('Fields that must not all be equal on two records of one platform; default: two records of one entity.'),
  except: z
    .array(z.string())
    .optional()
    .describe('States in which a record does not count; default: those in which it was called off.'),
  likely: z
    .literal(true)
    .optional()
    .describe('Several customers that are probably one, by weighed evidence: proposals for a person, never a verdict.'),
})
type Params = z.output<typeof params>

export interface DuplicateRow {
  /** What they share: the entity, or the hash of their key. */
  shared: string
  platform: string
  eid: string
  entity_id: string
  customer_entity_id: string
  holders: Holder[]
  /** Per holder: its parent is another record of the same entity. */
  child: number[]
  /** Records of the entity that were merged away, on any platform: platform, id, survivor, when, by whom. */
  merged: [string, string, string, string | null, string | null][]
}

export default defineCheckKind<Params, DuplicateRow | LikelyRow>({
  name: 'duplicate',
  about:
    'One entity with several live records on one platform; several records with one business key; several customers that are likely one.',
  params,
  category: 'duplicate',
  // A key may join entities of which only one moved: then all that is known of the check is looked at again.
  subject: ({ params: p }) => (p.by || p.likely ? 'none' : 'entity'),
  problems: ({ params: p }) => [
    ...(p.likely && (p.by || p.on || p.except || p.of !== LIKELY_KIND)
      ? [{ path: ['likely'], says: `this is about ${LIKELY_KIND} alone, without by, on and except` }]
      : []),
    ...(hasKind(p.of)
      ? (p.by ?? []).flatMap((name, i) =>
          kindOf(p.of).fields.some((f) => f.name === name)
            ? []
            : [{ path: ['by', i], says: `${p.of} has no field ${JSON.stringify(name)}` }],
        )
      : []),
  ],
  reads: ({ params: p }) => [p.of],
  timed: () => false,
  compile: (check, ctx) => [
    check.params.likely
      ? likelySql(ctx)
      : check.params.by
        ? byKeySql(check.params, ctx)
        : byEntitySql(check.params, ctx),
  ],
  correlate: (check, rows) => rows.flatMap((row) => ('holders' in row ? subjectsOf(row.holders, check.params.of) : [])),
  judge: (check, rows, ctx) =>
    rows.flatMap((row) => ('holders' in row ? judgeRow(check, row, ctx) : judgeLikely(check, row, ctx))),
})

function tableOf(kind: Kind, ctx: CompileContext): string {
  return `${ident(ctx.database)}.${ident(currentTable(kind.name))}`
}

/** States of whatever was called off: a void invoice beside a good one is a correction, not a duplicate. */
const CALLED_OFF: ReadonlySet<string> = new Set([
  'void',
  'cancelled',
  'closed',
  'rejected',
  'lost',
  'revoked',
  'deprovisioned',
  'failed',
  'reversed',
  'inactive',
  'retired',
  'terminated',
])

/** Records that count: not deleted and not called off. */
function live(kind: Kind, p: Params): { sql: string; params: Record<string, unknown> } {
  const except = p.except ?? kind.states.filter((s) => CALLED_OFF.has(s))
  if (except.length === 0) return { sql: 'deleted = 0', params: {} }
  return { sql: 'deleted = 0 and (state is null or state not in {except:Array(String)})', params: { except } }
}

function childSql(kind: Kind): string {
  const parent = kind.fields.find((f) => f.name === 'parent' && f.type === 'reference')
  return parent ? `toUInt8(${ident(keyColumn(parent))} = eid and eid != 0)` : 'toUInt8(0)'
}

function byEntitySql(p: Params, ctx: CompileContext): Compiled {
  const kind = kindOf(p.of)
  const alive = live(kind, p)
  const table = tableOf(kind, ctx)
  const sql = `with
  -- Superseded versions may add a suspect; the next step reads the latest alone.
  several as (
    select eid
    from ${table}
    prewhere ${within(ctx.reach, 'eid')}
    where deleted = 0 and gone = 0
    group by eid
    having count() > uniqExact(platform)
  ),
  merged as (
    select eid as of_eid, groupArray((toString(platform), record_id, assumeNotNull(merged_into), changed_at, changed_by)) as merged
    from ${table} final
    prewhere eid in (select eid from several)
    where merged_into is not null
    group by eid
  )
select toString(eid) as shared, toString(platform) as platform, any(eid) as eid, any(entity_id) as entity_id, any(customer_entity_id) as customer_entity_id,
  groupArray(${holderTuple(kind, scopeKeys(ctx.landscape))}) as holders, groupArray(${childSql(kind)}) as child, any(merged.merged) as merged
from ${table} final
left join merged on merged.of_eid = eid
prewhere eid in (select eid from several)
where ${alive.sql}
group by eid, platform
having count() > 1
order by shared, platform`
  return {
    sql: sql.replace('any(eid) as eid', 'eid'),
    params: { ...reachParams(ctx.reach), ...alive.params },
    needed: ['several'],
  }
}

function byKeySql(p: Params, ctx: CompileContext): Compiled {
  const kind = kindOf(p.of)
  const alive = live(kind, p)
  const fields = p.by!.map((name) => fieldOf(kind.name, name))
  const sql = `select toString(cityHash64(${fields.map((f) => `ifNull(toString(${keySql(f)}), '')`).join(', ')})) as shared, toString(platform) as platform,
  min(r.eid) as eid, argMin(r.entity_id, r.eid) as entity_id, argMin(r.customer_entity_id, r.eid) as customer_entity_id,
  groupArray(${holderTuple(kind, scopeKeys(ctx.landscape))}) as holders, groupArray(toUInt8(0)) as child, [] as merged
from ${tableOf(kind, ctx)} as r final
where ${alive.sql} and ${fields.map((f) => `${keySql(f)} is not null and not ${has('invalid', f)}`).join(' and ')}
group by shared, platform
having count() > 1
order by shared, platform`
  return { sql, params: alive.params }
}

const keySql = (field: Field) =>
  field.type === 'reference' ? `nullIf(${ident(keyColumn(field))}, 0)` : ident(keyColumn(field) || column(field))

function judgeRow(check: Check<Params>, row: DuplicateRow, ctx: JudgeContext): Observation[] {
  const { landscape } = ctx
  if (!landscape.platforms.some((p) => p.name === row.platform)) return []
  const on = check.params.on?.flatMap((name) => landscape.named(name).map((p) => p.name))
  if (on && !on.includes(row.platform)) return []
  // Sold-to, bill-to and ship-to records of one party and the parts of an account tree are structure.
  const whole = row.holders.filter((h, i) => !isPart(h) && !row.child[i])
  if (whole.length < 2) return []
  return [duplicated(check, row, oldestFirst(whole), ctx)]
}

function oldestFirst(holders: readonly Holder[]): Holder[] {
  const born = (h: Holder) => instant(h.created_at) ?? Infinity
  return [...holders].sort(
    (a, b) => (born(a) === born(b) ? 0 : born(a) - born(b)) || (a.record_id < b.record_id ? -1 : 1),
  )
}

function duplicated(
  check: Check<Params>,
  row: DuplicateRow,
  holders: readonly Holder[],
  ctx: JudgeContext,
): Observation {
  const kind = kindOf(check.params.of)
  const title = titleOf(ctx, row.platform)
  const [first, second] = [holders[0]!, holders[1]!]
  const since = instant(second.created_at ?? second.changed_at)
  const complete = ctx.completeThrough(row.platform, kind.name)
  const stuck = holders.find((h) => ctx.quarantined(row.platform, kind.name).has(h.record_id))
  const shared = check.params.by
    ? `the same ${check.params.by.map((name) => fieldOf(kind.name, name).label.toLowerCase()).join(', ')}`
    : 'the same entity'
  const why = duplicateCause(kind.name, holders, row.merged, ctx)
  const evidence: Evidence[] = [
    {
      says: `${holders.length} live records in ${title} are ${shared}; ${first.record_id} is the oldest.`,
      strength: 'strong',
      disproved_by: 'All but one deleted, merged or told apart.',
    },
  ]
  evidence.push(...why.evidence)
  if (complete === null) evidence.push({ says: `${title} has not been read completely yet.`, strength: 'strong' })
  if (stuck) evidence.push({ says: `A newer version of ${stuck.record_id} could not be read.`, strength: 'strong' })
  return {
    key: check.params.by ? `${row.platform}|${row.shared}` : `${row.entity_id}|${row.platform}`,
    check: check.id,
    category: check.category,
    kind: kind.name,
    entity_id: row.entity_id,
    customer_entity_id: row.customer_entity_id,
    subject: holders.map((h) => ({ platform: h.platform, kind: kind.name, record_id: h.record_id })),
    scope: first.legal_entity ? { legal_entity: first.legal_entity } : {},
    field: null,
    verdict: complete === null || stuck ? 'undecided' : 'drift',
    cause: why.cause,
    owner_platform: null,
    platform: row.platform,
    expected: { [row.platform]: '1' },
    actual: { [row.platform]: String(holders.length) },
    values: holders.map((h) => ({
      platform: h.platform,
      record_id: h.record_id,
      state: h.state === null ? 'cannot_hold' : 'value',
      value: h.state,
      raw: null,
      changed_at: h.changed_at,
      changed_by: h.changed_by,
      observed_at: h.observed_at,
      complete_through: complete === null ? null : iso(complete),
      stands: 'owner',
    })),
    evidence,
    amount_at_risk: null,
    currency: null,
    severity: check.severity,
    since: since === null ? null : iso(since),
    due_at: null,
    title: `${kind.title} exists more than once in ${title}`,
  }
}
