/** Rules over every live record by itself: fields left empty, references that point to nothing, values that must not be. */
import type { ComplianceRule } from '../../../model/compliance.ts'
import type { Field } from '../../../model/fields.ts'
import { column } from '../../../model/fields.ts'
import { fieldOf, hasKind, kindOf, references } from '../../../model/kinds.ts'
import type { Observation } from '../../../model/verdict.ts'
import { iso } from '../../clock.ts'
import { currentTable } from '../../store/facts/columns.ts'
import { ident } from '../../store/facts/ident.ts'
import type { Check, Compiled, CompileContext, JudgeContext } from '../contract.ts'
import { saidSince, stampedAt, titleOf } from '../timing.ts'
import { COUNTRY, LAW_KIND, lacksByLaw, lawFields, lawOf, rulesOf } from './rule-law.ts'
import { has, holderTuple, namedTuple, scopeKeys, textOf, type Holder } from './holders.ts'
import { conditionSql, Params } from './rule-conditions.ts'
import { refColumn } from './rule-links.ts'
import { present, reachParams, within } from './reach.ts'
import { platformsOf, verdict, type Voice } from './rule-speaker.ts'
import { valueName, type Told } from './rule-sql.ts'
import type { RuleParams } from './rule.ts'

export interface EveryRow {
  kind: string
  eid: string
  entity_id: string
  customer_eid: string
  customer_entity_id: string
  holder: Holder
  told: Told
  /** Fields that lack what they should have; empty where the rule names none. */
  lacking: string[]
}

/** Fields of a kind that the rule names; those that it does not have are left out. */
function named(kind: string, p: Pick<RuleParams, 'fields' | 'lacks'>, rules: readonly ComplianceRule[] = []): Field[] {
  if (p.lacks === 'law') return lawFields(kind, rules).filter((f) => !p.fields || p.fields.includes(f.name))
  const all = (p.fields ?? []).flatMap((name) =>
    name === '*' ? references(kindOf(kind)) : kindOf(kind).fields.filter((f) => f.name === name),
  )
  return p.lacks === 'target' ? all.filter((f) => f.type === 'reference') : all
}

/** Kinds that the named references point to: their movement may mend a reference. */
export function everyFields(p: Pick<RuleParams, 'of' | 'fields' | 'lacks'>): { targets: string[] } {
  if (p.lacks !== 'target') return { targets: [] }
  return { targets: [...new Set(p.of.filter(hasKind).flatMap((kind) => named(kind, p).flatMap((f) => f.to ?? [])))] }
}

export function everyProblems(p: RuleParams): { path: (string | number)[]; says: string }[] {
  const found: { path: (string | number)[]; says: string }[] = []
  if (p.lacks === 'law') {
    if (!p.of.includes(LAW_KIND)) found.push({ path: ['lacks'], says: `the rules of countries speak of ${LAW_KIND}` })
  } else if ((p.fields === undefined) !== (p.lacks === undefined))
    found.push({ path: ['fields'], says: 'name both fields and what they lack' })
  if (!p.fields && !p.lacks && !p.when)
    found.push({ path: ['when'], says: 'say what is wrong: when, or fields and lacks' })
  p.fields?.forEach((name, i) => {
    if (name !== '*' && !p.of.some((kind) => hasKind(kind) && kindOf(kind).fields.some((f) => f.name === name)))
      found.push({ path: ['fields', i], says: `there is no field ${JSON.stringify(name)}` })
  })
  for (const sort of ['exists', 'any_of', 'missing', 'with'] as const)
    if (p[sort].length) found.push({ path: [sort], says: 'as: every looks at one record by itself' })
  return found
}

export function everySql(p: RuleParams, always: boolean, ctx: CompileContext): Compiled[] {
  return present(p.of, ctx).map((name) => {
    const kind = kindOf(name)
    const params = new Params()
    const now = { asOf: ctx.asOf, platforms: ctx.landscape.platforms }
    const rules = rulesOf(ctx.landscape)
    const fields = named(name, p, rules)
    const lacks = (f: Field) =>
      p.lacks === 'target'
        ? dangling(f)
        : p.lacks === 'law'
          ? lacksByLaw(f, rules, params)
          : `${has('held', f)} and ${has('empty', f)}`
    const lacking = fields.map((f) => `if(${lacks(f)}, '${f.name}', '')`)
    const list = lacking.length ? `arrayFilter(x -> x != '', [${lacking.join(', ')}])` : `cast([], 'Array(String)')`
    const conditions = [
      'deleted = 0',
      ...(p.on ? [`toString(platform) in ${params.add(platformsOf(p.on, ctx), 'Array(String)')}`] : []),
      ...(p.when ? [`ifNull(${conditionSql(name, p.when, now, params)}, 0) = 1`] : []),
      ...(p.lacks ? ['notEmpty(lacking)'] : []),
    ]
    const asked = [...fields.map((f) => f.name), ...(p.lacks === 'law' ? [COUNTRY] : [])]
    const values = [...new Set(asked)].map((f): [string, string] => [valueName(f), textOf(fieldOf(name, f))])
    const sql = `select '${name}' as kind, eid, entity_id, customer_eid, customer_entity_id, ${holderTuple(kind, scopeKeys(ctx.landscape))} as holder,
  ${namedTuple([['ok', `cast('1', 'Nullable(String)')`], ...values])} as told, ${list} as lacking
from ${ident(ctx.database)}.${ident(currentTable(name))} final
prewhere ${always ? '1' : within(ctx.reach, 'eid')}
where ${conditions.join(' and ')}
order by eid, record_id`
    return { sql, params: { ...(always ? {} : reachParams(ctx.reach)), ...params.values } }
  })
}

/** The reference says something that is nobody's id. */
function dangling(field: Field): string {
  return `${has('held', field)} and not ${has('empty', field)} and not ${has('invalid', field)} and ifNull(${ident(column(field))}, '') != '' and ${refColumn(field)} = 0`
}

export function judgeEvery(check: Check<RuleParams>, row: EveryRow, ctx: JudgeContext, graceMs: number): Observation[] {
  const { holder } = row
  if (!ctx.landscape.platforms.some((p) => p.name === holder.platform)) return []
  const fields = check.params.lacks ? row.lacking : [null]
  return fields.flatMap((name) => judgeOne(check, row, name, ctx, graceMs))
}

function judgeOne(
  check: Check<RuleParams>,
  row: EveryRow,
  name: string | null,
  ctx: JudgeContext,
  graceMs: number,
): Observation[] {
  const { holder } = row
  const field = name === null ? null : fieldOf(row.kind, name)
  const target = field !== null && check.params.lacks === 'target'
  const targets = target ? keepers(field, holder.platform, ctx) : []
  // An id of what nobody keeps can be looked up nowhere.
  if (target && targets.length === 0) return []
  const voice: Voice = { kind: row.kind, entity_id: row.entity_id, holder, told: row.told }
  const subject = { platform: holder.platform, kind: row.kind, record_id: holder.record_id }
  const changedAt = name === null ? stampedAt(holder) : saidSince(subject, name, holder, ctx)
  const dueAt = changedAt === null ? null : changedAt + (check.windowMs ?? graceMs)
  const said = verdict(
    { dueAt, needs: [{ platform: holder.platform, kind: row.kind }, ...targets], voices: [voice] },
    ctx,
  )
  const title = titleOf(ctx, holder.platform)
  const complete = ctx.completeThrough(holder.platform, row.kind)
  const written = name === null ? null : (row.told[valueName(name)] ?? null)
  const kind = kindOf(row.kind)
  const law =
    check.params.lacks === 'law' && name ? lawOf(ctx.landscape, row.told[valueName(COUNTRY)] ?? null, name) : undefined
  const says = target
    ? `${field.label} of ${holder.record_id} names ${written}, and there is no such record.`
    : field
      ? `${field.label} of ${holder.record_id} in ${title} is empty.`
      : `${kind.title} ${holder.record_id} in ${title}.`
  return [
    {
      key: `${holder.platform}|${row.kind}|${holder.record_id}${name === null ? '' : `|${name}`}`,
      check: check.id,
      category: check.category,
      kind: row.kind,
      entity_id: row.entity_id,
      customer_entity_id: row.customer_entity_id,
      subject: [subject],
      scope: {
        ...(holder.legal_entity && { legal_entity: holder.legal_entity }),
        ...(law && { country: row.told[valueName(COUNTRY)]! }),
      },
      field: name,
      verdict: said.verdict,
      cause: target ? 'broken_reference' : 'unknown',
      owner_platform: null,
      platform: holder.platform,
      expected: {},
      actual: name === null ? { [holder.platform]: holder.state } : { [holder.platform]: written },
      values: [
        {
          platform: holder.platform,
          record_id: holder.record_id,
          state: field && !target ? 'empty' : 'value',
          value: name === null ? holder.state : written,
          raw: null,
          changed_at: holder.changed_at,
          changed_by: holder.changed_by,
          observed_at: holder.observed_at,
          complete_through: complete === null ? null : iso(complete),
          stands: 'owner',
        },
      ],
      evidence: [
        said.says,
        {
          says,
          strength: 'strong',
          disproved_by: target ? 'A record with that id.' : 'A newer version of the record.',
        },
        ...(law ? [{ says: law.law, strength: 'supporting' as const }] : []),
      ],
      amount_at_risk: null,
      currency: null,
      severity: law?.severity ?? check.severity,
      since: changedAt === null ? null : iso(changedAt),
      due_at: dueAt === null ? null : iso(dueAt),
      title:
        check.params.message ??
        (field
          ? `${kind.title}: ${field.label.toLowerCase()} ${target ? 'points to nothing' : 'is empty'} in ${title}`
          : check.title),
    },
  ]
}

/** Streams in which the target would be: the platform's own, or wherever such records are kept. */
function keepers(field: Field, platform: string, ctx: JudgeContext): { platform: string; kind: string }[] {
  const all = (field.to ?? []).flatMap((kind) =>
    ctx.landscape.platforms.filter((p) => ctx.keeps(p.name, kind)).map((p) => ({ platform: p.name, kind })),
  )
  const own = all.filter((k) => k.platform === platform)
  return own.length ? own : all
}
