/** rule: a business exception, a condition over several kinds of one customer or one chain; or plain data quality, record by record. */
import { z } from 'zod'
import { hasKind, kindOf } from '../../../model/kinds.ts'
import type { Evidence, Observation } from '../../../model/verdict.ts'
import { iso } from '../../clock.ts'
import { kindName } from '../../config/words.ts'
import { defineCheckKind, type Check, type FieldAsk, type JudgeContext } from '../contract.ts'
import { amount, amountFields, amountProblems, atRisk } from './rule-amount.ts'
import { conditionProblems, dated, where } from './rule-conditions.ts'
import { everyFields, everyProblems, everySql, judgeEvery, type EveryRow } from './rule-every.ts'
import { clause, clauseProblems, type Clause } from './rule-links.ts'
import {
  asks,
  heldValue,
  instant,
  platformsOf,
  reached,
  since,
  speaking,
  subjectOf,
  telling,
  value,
  verdict,
  type Voice,
} from './rule-speaker.ts'
import { lookupSql, type Lookup, type LookupRow, type Part, type Sort } from './rule-sql.ts'

const clauses = (about: string) => z.array(clause).default([]).describe(about)

const params = z.strictObject({
  of: z
    .union([kindName.transform((k) => [k]), z.array(kindName).min(1)])
    .describe('Kind of record that the rule is about; several only with `as: every`.'),
  as: z
    .union([z.string().transform((s) => [s]), z.array(z.string()).min(1)])
    .default([])
    .describe(
      'Roles or platforms that speak, in order; default: the owner of the kind’s state. `every`: each live record by itself.',
    ),
  on: z.array(z.string()).optional().describe('With `as: every`: roles or platforms whose records are looked at.'),
  when: where.optional().describe('Conditions on the subject: field: value, [values] or { operator: value }.'),
  exists: clauses('Related records that must all be there.'),
  any_of: clauses('Related records of which one at least must be there.'),
  missing: clauses('Related records that must not be there.'),
  with: clauses('Related records that the finding names besides.'),
  fields: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('With `as: every`: fields of which each gives its own finding; `*` for all references.'),
  lacks: z
    .enum(['value', 'target', 'law'])
    .optional()
    .describe(
      'With `fields`: the field is empty, or it points to nothing. `law`: a field that the customer’s country asks for is empty.',
    ),
  message: z.string().optional().describe('What the finding says; default: the title of the check.'),
  amount: amount.optional(),
})
export type RuleParams = z.output<typeof params>

/** Grace where the check names no window. */
const GRACE_MS = 15 * 60_000

type Row = LookupRow | EveryRow

export const isEvery = (p: Pick<RuleParams, 'as'>): boolean => p.as.includes('every')

/** Time alone may end such a finding, and nothing that moved would tell: everything is looked at in every run. */
const fades = (p: RuleParams): boolean =>
  [p.when, ...parts(p).map((c) => c.where)].some((w) => dated(w).some((d) => d.fades))

export default defineCheckKind<RuleParams, Row>({
  name: 'rule',
  about:
    'A business exception: a condition over several kinds of one customer or one chain of documents; or plain data quality, record by record.',
  params,
  category: 'exception',
  subject: ({ params: p }) => (fades(p) ? 'none' : isEvery(p) ? 'entity' : 'customer'),
  problems: ({ params: p }) => problems(p),
  reads: ({ params: p }) => [
    ...new Set([...p.of, ...parts(p).map((c) => c.of), ...(isEvery(p) ? everyFields(p).targets : [])]),
  ],
  needs: ({ params: p }) => (p.of.length === 1 ? p.of : []),
  timed: ({ params: p }) => [p.when, ...parts(p).map((c) => c.where)].some((w) => dated(w).length > 0),
  compile: (check, ctx) =>
    isEvery(check.params)
      ? everySql(check.params, fades(check.params), ctx)
      : lookupSql(lookup(check.params, ctx), ctx),
  history: (check, rows, ctx) => rows.flatMap((row) => history(check.params, row, ctx)),
  judge: (check, rows, ctx) =>
    rows.flatMap((row) => ('lacking' in row ? judgeEvery(check, row, ctx, GRACE_MS) : judgeRow(check, row, ctx))),
})

function problems(p: RuleParams): { path: (string | number)[]; says: string }[] {
  if (isEvery(p)) return [...everyProblems(p), ...p.of.flatMap((kind) => conditionProblems(kind, p.when, ['when']))]
  const [of] = p.of as [string, ...string[]]
  const found = [...conditionProblems(of, p.when, ['when']), ...amountProblems(of, p.amount)]
  for (const sort of ['exists', 'any_of', 'missing', 'with'] as const)
    p[sort].forEach((c, i) => found.push(...clauseProblems(of, c, [sort, i])))
  if (p.of.length > 1) found.push({ path: ['of'], says: 'a rule is about one kind; several need as: every' })
  if (p.fields || p.lacks || p.on)
    found.push({ path: [p.fields ? 'fields' : p.lacks ? 'lacks' : 'on'], says: 'this needs as: every' })
  return found
}

function parts(p: RuleParams): (Clause & { sort: Sort })[] {
  return (['exists', 'any_of', 'missing', 'with'] as const).flatMap((sort) => p[sort].map((c) => ({ ...c, sort })))
}

function lookup(p: RuleParams, ctx: Pick<JudgeContext, 'landscape'>): Lookup {
  const [of] = p.of as [string, ...string[]]
  const all: Part[] = parts(p).map((c) => ({ ...c, platforms: platformsOf(c.on, ctx) }))
  const take = new Map<string, Set<string>>()
  const want = (kind: string, field: string) => {
    if (hasKind(kind) && kindOf(kind).fields.some((f) => f.name === field))
      take.set(kind, (take.get(kind) ?? new Set()).add(field))
  }
  for (const [kind, field] of amountFields(of, p.amount)) want(kind, field)
  for (const c of all) {
    if (c.later) want(c.of, c.later.field)
    if (c.later) want(of, c.later.than)
    for (const field of ['approved_at', 'ordered_at', 'started_on']) if (c.reached_after) want(c.of, field)
  }
  return { of, when: p.when, parts: all, take, always: fades(p) }
}

/** The subject and what was found around it, each by the record that speaks. */
function heard(p: RuleParams, row: LookupRow, ctx: Pick<JudgeContext, 'landscape'>) {
  const subject = speaking(kindOf(p.of[0]!), row.entity_id, row.copies, platformsOf(p.as, ctx), ctx)
  const found = parts(p).map((c, i) => {
    const on = platformsOf(c.on, ctx)
    return (row.found[i] ?? [])
      .map(([id, copies]) => speaking(kindOf(c.of), id, copies, on, ctx, on.length > 0))
      .filter((v) => v !== null)
  })
  return { subject, found }
}

function history(p: RuleParams, row: Row, ctx: Pick<JudgeContext, 'landscape'>): FieldAsk[] {
  if ('lacking' in row)
    return row.lacking.map((field) => ({
      platform: row.holder.platform,
      kind: row.kind,
      record_id: row.holder.record_id,
      field,
    }))
  const { subject, found } = heard(p, row, ctx)
  if (!subject || subject.told.ok !== '1') return []
  const named = parts(p)
  const further = named.flatMap((c) => (c.reached_after ? [c.reached_after] : []))
  return [
    ...asks(subject, p.when, further),
    ...found.flatMap((voices, i) =>
      voices.flatMap((v) => asks(v, named[i]!.where, named[i]!.reached_after ? ['state'] : [])),
    ),
  ]
}

function judgeRow(check: Check<RuleParams>, row: LookupRow, ctx: JudgeContext): Observation[] {
  const p = check.params
  const { subject, found } = heard(p, row, ctx)
  if (!subject || subject.told.ok !== '1') return []
  const named = parts(p)
  const hits = named.map((c, i) =>
    found[i]!.filter(
      (v) => (c.sort === 'missing' ? v.told.ok !== '0' : v.told.ok === '1') && follows(c, v, subject, ctx),
    ),
  )
  const ok = named.every((c, i) =>
    c.sort === 'exists' ? hits[i]!.length > 0 : c.sort !== 'missing' || hits[i]!.length === 0,
  )
  const any = named.flatMap((c, i) => (c.sort === 'any_of' ? [hits[i]!.length] : []))
  if (!ok || (any.length > 0 && any.every((n) => n === 0))) return []
  // What nobody keeps cannot be missed.
  const absent = named.filter((c) => c.sort === 'missing').map((c) => ({ c, keepers: keepersOf(c, ctx) }))
  if (absent.some(({ keepers }) => keepers.length === 0)) return []
  const involved = distinct(
    hits.flatMap((voices, i) => (named[i]!.sort === 'exists' || named[i]!.sort === 'any_of' ? voices : [])),
  )
  const besides = distinct(hits.flatMap((voices, i) => (named[i]!.sort === 'with' ? voices : []))).filter(
    (v) => !involved.some((o) => same(o, v)),
  )
  const proving = [subject, ...involved]
  const gone = absent.flatMap(({ c, keepers }) => keepers.map((platform) => ({ platform, kind: c.of })))
  return [observed(check, row, { subject, involved, besides, proving, gone }, ctx)]
}

const same = (a: Voice, b: Voice) =>
  a.kind === b.kind && a.holder.platform === b.holder.platform && a.holder.record_id === b.holder.record_id
const distinct = (voices: readonly Voice[]): Voice[] =>
  voices.filter((v, i) => voices.findIndex((o) => same(o, v)) === i)

/** Platforms on which the record would have to be found. */
function keepersOf(c: Clause, ctx: JudgeContext): string[] {
  const names = c.on ? platformsOf(c.on, ctx) : ctx.landscape.platforms.map((p) => p.name)
  return names.filter((name) => ctx.keeps(name, c.of))
}

/** What cannot be said of one record alone: its date or its state came after something of the subject. */
function follows(c: Clause, voice: Voice, subject: Voice, ctx: JudgeContext): boolean {
  if (c.later) {
    const [date, than] = [value(voice, c.later.field), value(subject, c.later.than)]
    if (date === null || than === null || date.slice(0, 10) <= than.slice(0, 10)) return false
  }
  if (!c.reached_after) return true
  const begun = ctx.changed(subjectOf(subject), c.reached_after).at ?? instant(subject.holder.changed_at)
  const state = reached(voice, voice.holder.state === null ? [] : [voice.holder.state], ctx)
  // Without a history of its state, the record's own dates tell when it came to be.
  const dates = ['approved_at', 'ordered_at', 'started_on']
    .map((f) => instant(value(voice, f)))
    .filter((t) => t !== null)
  const at = state.sure ? state.at : (dates[0] ?? instant(voice.holder.created_at) ?? state.at)
  return begun !== null && at !== null && at >= begun
}

interface Case {
  subject: Voice
  involved: readonly Voice[]
  besides: readonly Voice[]
  proving: readonly Voice[]
  gone: readonly { platform: string; kind: string }[]
}

function observed(check: Check<RuleParams>, row: LookupRow, c: Case, ctx: JudgeContext): Observation {
  const p = check.params
  const named = parts(p)
  const conditions = (v: Voice) => (v === c.subject ? p.when : named.find((n) => n.of === v.kind)?.where)
  const times = c.proving.map((v) => since(v, conditions(v), ctx)).filter((t) => t !== null)
  const changedAt = times.length ? Math.max(...times) : null
  const dueAt = changedAt === null ? null : changedAt + (check.windowMs ?? GRACE_MS)
  const needs = [...c.proving.map((v) => ({ platform: v.holder.platform, kind: v.kind })), ...c.gone]
  const said = verdict({ dueAt, needs, voices: c.proving }, ctx)
  const evidence: Evidence[] = [
    said.says,
    ...c.proving.map((v): Evidence => ({
      says: `${telling(v, ctx)}.`,
      strength: 'strong',
      disproved_by: 'A newer version of the record.',
    })),
  ]
  for (const kind of new Set(c.gone.map((g) => g.kind)))
    evidence.push({
      says: `No such ${kindOf(kind).title.toLowerCase()} was found.`,
      strength: 'supporting',
      disproved_by: `A ${kindOf(kind).title.toLowerCase()} that fits.`,
    })
  for (const v of c.besides) evidence.push({ says: `Besides: ${telling(v, ctx)}.`, strength: 'supporting' })
  const all = [...c.proving, ...c.besides]
  const { platform } = c.subject.holder
  const other = c.involved.find((v) => v.holder.platform !== platform)
  return {
    key: row.entity_id,
    check: check.id,
    category: check.category,
    kind: c.subject.kind,
    entity_id: row.entity_id,
    customer_entity_id: row.customer_entity_id,
    subject: all.map(subjectOf),
    scope: c.subject.holder.legal_entity ? { legal_entity: c.subject.holder.legal_entity } : {},
    field: null,
    verdict: said.verdict,
    cause: 'unknown',
    owner_platform: other?.holder.platform ?? null,
    platform,
    expected: {},
    actual: { [platform]: c.subject.holder.state },
    values: all.map((v) => heldValue(v, v.holder.platform === platform ? 'owner' : 'follower', ctx)),
    evidence,
    ...atRisk(c.subject.kind, p.amount, all),
    severity: check.severity,
    since: changedAt === null ? null : iso(changedAt),
    due_at: dueAt === null ? null : iso(dueAt),
    title: p.message ?? check.title,
  }
}
