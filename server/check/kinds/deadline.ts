/** deadline: a record or state that had to follow another within a time and did not come, with no error anywhere. */
import { fieldOf, kindOf } from '../../../model/kinds.ts'
import type { Evidence, Observation } from '../../../model/verdict.ts'
import { iso } from '../../clock.ts'
import { dayOf, isoDay } from '../../config/day.ts'
import { durationMs } from '../../config/duration.ts'
import { defineCheckKind, type Check, type CompileContext, type FieldAsk, type JudgeContext } from '../contract.ts'
import { titleOf } from '../timing.ts'
import { speaksFor } from '../whereabouts.ts'
import { deadlineCause, deadlineSubjects, missingValue } from './deadline-cause.ts'
import { bills, lackingSince, periods, startOf } from './deadline-period.ts'
import { clausesOf, customerClause, params, problems, type Params } from './deadline-params.ts'
import { amountFields, atRisk } from './rule-amount.ts'
import type { Clause } from './rule-links.ts'
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
import { lookupSql, valueName, type Copy, type Lookup, type LookupRow, type Part } from './rule-sql.ts'

const DAY = 86_400_000
export default defineCheckKind<Params, LookupRow>({
  name: 'deadline',
  about: 'A record or state that had to follow another within a time and did not come.',
  params,
  category: 'deadline',
  subject: 'customer',
  problems: ({ params: p }) => problems(p),
  reads: ({ params: p }) => [...new Set([p.of, ...clausesOf(p).map((c) => c.of)])],
  needs: ({ params: p }) => [p.of],
  timed: ({ params: p }) => p.each_period !== undefined,
  compile: (check, ctx) => lookupSql(lookup(check.params, ctx), ctx),
  history: (check, rows, ctx) => rows.flatMap((row) => history(check.params, row, ctx)),
  correlate: ({ params: p }, rows, ctx) =>
    rows.flatMap((row) => {
      const { subject } = heard(p, row, ctx)
      return subject ? deadlineSubjects(p.expect.of, row, subject) : []
    }),
  judge: (check, rows, ctx) => rows.flatMap((row) => judgeRow(check, row, ctx)),
})

function lookup(p: Params, ctx: Pick<CompileContext, 'landscape' | 'asOf'>): Lookup {
  const on = (c: Clause) => platformsOf(c.on, ctx)
  // A day ahead, for zones in which it has begun.
  const tomorrow = isoDay(dayOf('UTC', ctx.asOf + DAY))
  const expected: Part = {
    ...p.expect,
    sort: p.gone ? 'exists' : 'missing',
    platforms: on(p.expect),
    ...(p.each_period !== undefined && {
      since: { field: p.each_period, from: lackingSince('wanted.s_started_on', 'wanted.s_interval', `'${tomorrow}'`) },
    }),
  }
  const parts: Part[] = [
    expected,
    ...p.exists.map((c): Part => ({ ...c, sort: 'exists', platforms: on(c) })),
    ...p.unless.map((c): Part => ({ ...c, sort: 'missing', sure: true, platforms: on(c) })),
    ...(p.of === 'customer' ? [] : [{ ...customerClause, sort: 'with' as const, platforms: [] }]),
  ]
  const take = new Map<string, Set<string>>()
  const want = (kind: string, field: string | undefined) => {
    if (field !== undefined && kindOf(kind).fields.some((f) => f.name === field))
      take.set(kind, (take.get(kind) ?? new Set()).add(field))
  }
  for (const [kind, field] of amountFields(p.of, p.amount)) want(kind, field)
  want(p.of, p.from)
  want(p.expect.of, p.each_period)
  if (p.each_period !== undefined) for (const field of ['started_on', 'interval']) want(p.of, field)
  return {
    of: p.of,
    when: p.when,
    parts,
    take,
    always: false,
    ...(p.each_period !== undefined && { ask: ['started_on', 'interval'] }),
  }
}

function heard(p: Params, row: LookupRow, ctx: Pick<JudgeContext, 'landscape'>) {
  const subject = speaking(kindOf(p.of), row.entity_id, row.copies, platformsOf(p.as, ctx), ctx)
  const clauses = clausesOf(p)
  const found = clauses.map((c, i) => {
    const on = platformsOf(c.on, ctx)
    return (row.found[i] ?? [])
      .map(([id, copies]) => speaking(kindOf(c.of), id, copies, on, ctx, on.length > 0))
      .filter((v) => v !== null)
  })
  return { subject, clauses, found }
}

function history(p: Params, row: LookupRow, ctx: Pick<JudgeContext, 'landscape'>): FieldAsk[] {
  const { subject } = heard(p, row, ctx)
  return subject?.told.ok === '1' ? asks(subject, p.when, ['state', ...(p.from === undefined ? [] : [p.from])]) : []
}

function judgeRow(check: Check<Params>, row: LookupRow, ctx: JudgeContext): Observation[] {
  const p = check.params
  const { subject, found } = heard(p, row, ctx)
  if (!subject || subject.told.ok !== '1') return []
  if (p.exists.some((_, i) => !found[1 + i]!.some((v) => v.told.ok === '1'))) return []
  if (p.unless.some((_, i) => found[1 + p.exists.length + i]!.some((v) => v.told.ok === '1'))) return []
  const customer = p.of === 'customer' ? null : (found.at(-1)![0] ?? null)
  const entity = subject.holder.legal_entity ?? customer?.holder.legal_entity ?? null
  if (p.gone) return left(check, row, { subject, left: found[0]!.filter((v) => v.told.ok === '1'), entity }, ctx)
  const where = places(p, entity, ctx)
  if (where.length === 0) return []
  const began = begin(p, subject, row, ctx)
  if (began === 'met' || began === 'unknown') return []
  if (p.each_period === undefined && copiesThere(p, row, ctx).length > 0) return []
  const others = p.of === p.expect.of && p.expect.via.includes('same') ? [] : found[0]!
  return [observed(check, row, { subject, others, entity, where, began: began.at }, ctx)]
}

/** What should be gone and is there, platform by platform: by the record that speaks for each. */
function left(
  check: Check<Params>,
  row: LookupRow,
  c: { subject: Voice; left: readonly Voice[]; entity: string | null },
  ctx: JudgeContext,
): Observation[] {
  const began = begin(check.params, c.subject, row, ctx)
  if (began === 'met' || began === 'unknown') return []
  return [...new Set(c.left.map((v) => v.holder.platform))].map((platform) => {
    const others = c.left.filter((v) => v.holder.platform === platform)
    const one = observed(check, row, { ...c, others, where: [platform], began: began.at }, ctx)
    return { ...one, key: `${one.key} ${platform}` }
  })
}

/** Platforms on which it had to come: those that keep such records and speak for this one; the issuer first. */
function places(p: Params, entity: string | null, ctx: JudgeContext): string[] {
  const scope: Record<string, string> = entity ? { legal_entity: entity } : {}
  const issuer = p.expect.on!.includes('issuer') ? ctx.landscape.issuer(entity) : null
  const names =
    issuer === null
      ? platformsOf(p.expect.on, ctx)
      : [
          issuer,
          ...platformsOf(
            p.expect.on!.filter((n) => n !== 'issuer'),
            ctx,
          ),
        ]
  return names.filter((name) => ctx.keeps(name, p.expect.of) && speaksFor(ctx.landscape.platform(name), scope))
}

/** Copies where it counts that say so, or cannot say otherwise. */
function copiesThere(p: Params, row: LookupRow, ctx: JudgeContext): Copy[] {
  const on = platformsOf(p.expect.on, ctx)
  return (row.found[0] ?? []).flatMap(([, copies]) =>
    copies.filter(([h, told]) => on.includes(h.platform) && told.ok !== '0'),
  )
}

/** When the time began; `met` where the period has what it needs, `unknown` where that cannot be told. */
function begin(
  p: Params,
  subject: Voice,
  row: LookupRow,
  ctx: JudgeContext,
): { at: number | null } | 'met' | 'unknown' {
  const state = p.when['state']
  const states =
    typeof state === 'string'
      ? [state]
      : Array.isArray(state)
        ? (state as string[])
        : subject.holder.state === null
          ? []
          : [subject.holder.state]
  // Without a state among the conditions it is their fields that tell.
  const came = state === undefined ? { at: since(subject, p.when, ctx), sure: false } : reached(subject, states, ctx)
  const zone = ctx.landscape.platform(subject.holder.platform).timezone
  if (p.each_period !== undefined) return lacking(p, subject, row, came, zone, ctx)
  if (p.from === undefined) return { at: came.at }
  const said = value(subject, p.from)
  if (said === null) return { at: came.at }
  return { at: fieldOf(p.of, p.from).type === 'date' ? startOf(said, zone) : instant(said) }
}

/** The period that lacks its document: the one before, if that was due and never came, else the one that runs. */
function lacking(
  p: Params,
  subject: Voice,
  row: LookupRow,
  came: { at: number | null; sure: boolean },
  zone: string,
  ctx: JudgeContext,
) {
  const begins = periods(value(subject, 'started_on'), value(subject, 'interval'), isoDay(dayOf(zone, ctx.asOf)))
  const current = begins.at(-1)
  if (current === undefined) return 'unknown' as const
  const days = copiesThere(p, row, ctx)
    .map(([h, told]) => told[valueName(p.each_period!)] ?? h.created_at)
    .filter((d) => d !== null)
  const latest = days.sort().at(-1)
  if (latest !== undefined && bills(latest, current)) return 'met' as const
  const active = came.sure ? came.at : null
  const before = begins.length > 1 ? begins[0]! : null
  const owed =
    before !== null &&
    (active === null || startOf(before, zone) >= active) &&
    !(latest !== undefined && bills(latest, before))
  const at = startOf(owed ? before : current, zone)
  return { at: active === null ? at : Math.max(at, active) }
}

interface Case {
  subject: Voice
  /** What is there of it and does not do. */
  others: readonly Voice[]
  entity: string | null
  where: readonly string[]
  began: number | null
}

function observed(
  check: Check<Params>,
  row: LookupRow,
  { subject, others, entity, where, began }: Case,
  ctx: JudgeContext,
): Observation {
  const p = check.params
  const expected = kindOf(p.expect.of)
  const dueAt = began === null ? null : began + (check.windowMs ?? durationMs(p.within)!)
  const [platform] = where as [string, ...string[]]
  const there = p.each_period === undefined ? others.filter((v) => where.includes(v.holder.platform)) : []
  const over = there.find((v) => v.holder.state !== null && expected.ended.includes(v.holder.state))
  const needs = [
    { platform: subject.holder.platform, kind: p.of },
    ...where.map((name) => ({ platform: name, kind: p.expect.of })),
  ]
  const said = verdict({ dueAt, needs, voices: [subject, ...there] }, ctx)
  const why = deadlineCause({ expected: p.expect.of, row, subject, there, platform, began }, ctx)
  const lacks = there.length
    ? there.map((v) => `${telling(v, ctx)}.`).join(' ')
    : `No ${expected.title.toLowerCase()} for it was found in ${where.map((n) => titleOf(ctx, n)).join(' or ')}.`
  const evidence: Evidence[] = [
    said.says,
    {
      says: `${telling(subject, ctx)}${began === null ? '' : `; the time began at ${iso(began)}`}.`,
      strength: 'strong',
      disproved_by: 'A newer version of the record.',
    },
    {
      says: lacks,
      strength: there.length ? 'strong' : 'supporting',
      disproved_by: `The ${expected.title.toLowerCase()} arrives.`,
    },
    ...why.evidence,
  ]
  return {
    key: row.entity_id,
    check: check.id,
    category: over ? 'missing' : check.category,
    kind: p.of,
    entity_id: row.entity_id,
    customer_entity_id: row.customer_entity_id,
    subject: [subject, ...there].map(subjectOf),
    scope: entity ? { legal_entity: entity } : {},
    field: null,
    verdict: said.verdict,
    cause: why.cause,
    owner_platform: subject.holder.platform === platform ? null : subject.holder.platform,
    platform,
    expected: { [subject.holder.platform]: subject.holder.state },
    actual: { [platform]: there.find((v) => v.holder.platform === platform)?.holder.state ?? null },
    values: [
      heldValue(subject, 'owner', ctx),
      ...(there.length ? there.map((v) => heldValue(v, 'follower', ctx)) : [missingValue(platform, p.expect.of, ctx)]),
    ],
    evidence,
    ...atRisk(p.of, p.amount, [subject]),
    severity: check.severity,
    since: began === null ? null : iso(began),
    due_at: dueAt === null ? null : iso(dueAt),
    title: p.message ?? check.title,
  }
}
