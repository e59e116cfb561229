/** match: sums and counts of two sides that must meet, one to one, one to many or many to many, by currency. */
import { compare, format, subtract } from '../../../model/decimal.ts'
import type { Observation } from '../../../model/verdict.ts'
import { durationMs } from '../../config/duration.ts'
import { defineCheckKind, type Check, type FieldAsk, type JudgeContext } from '../contract.ts'
import { inDoubt, instant, saidSince, stampedAt } from '../timing.ts'
import { asked, groupsOf, sumsOf, type Group, type Member, type Sum } from './match-group.ts'
import { outcome, type Outcome } from './match-met.ts'
import { observed } from './match-observe.ts'
import { hangsOn, keyNamed, params, partsOf, problems, termsOf, type Params, type Placed } from './match-params.ts'
import { widened } from './match-reach.ts'
import { matchSql, type MatchRow } from './match-sql.ts'
import { leaves } from './rule-conditions.ts'
import { subjectOf, verdict, type Voice } from './rule-speaker.ts'
import { speaksFor } from '../whereabouts.ts'

/** A change of either side may take this long to reach the other, where the check says nothing. */
const WINDOW_MS = 3_600_000

/** Histories that are asked for in one group: what decides the age of a difference is among the first. */
const ASKS_MAX = 400

export default defineCheckKind<Params, MatchRow>({
  name: 'match',
  about: 'Sums and counts of two sides that must meet, one to one, one to many or many to many, by currency.',
  params,
  category: 'total',
  subject: ({ params: p }) => hangsOn(p),
  problems: ({ params: p }) => problems(p),
  reads: ({ params: p }) => [...new Set(partsOf(p).map((x) => x.of))],
  timed: () => false,
  widen: (check, ctx) => widened(check.params, ctx),
  compile: (check, ctx) => matchSql(check.params, ctx),
  history: (check, rows, ctx) => groupsOf(check.params, rows, ctx).flatMap((g) => asks(check.params, g)),
  judge: (check, rows, ctx) => groupsOf(check.params, rows, ctx).flatMap((g) => judgeGroup(check, g, ctx)),
})

/** Fields whose change may make or mend the difference. */
function deciding(part: Placed): string[] {
  const keys = part.by.filter((name) => name !== 'self').map((name) => keyNamed(name).field)
  const terms = part.value === undefined ? [] : termsOf(part.value)!.map((t) => t.field)
  return [...new Set([...leaves(part.where ?? {}).map(([name]) => name), ...terms, ...keys])]
}

const voiceOf = (m: Member): Voice => ({
  kind: m.part.of,
  entity_id: m.entity_id,
  holder: m.holder,
  told: { ...m.told },
})

function asks(p: Params, group: Group): FieldAsk[] {
  const all = group.members.flatMap((m) => deciding(m.part).map((field) => ({ ...subjectOf(voiceOf(m)), field })))
  const asOf = p.as_of
    ? group.members
        .filter((m) => m.part.side === 0)
        .map((m) => ({ ...subjectOf(voiceOf(m)), field: termsOf(m.part.value!)![0]!.field }))
    : []
  return [...asOf, ...all].slice(0, ASKS_MAX)
}

function judgeGroup(check: Check<Params>, group: Group, ctx: JudgeContext): Observation[] {
  const p = check.params
  if (p.per === 'platform' && partsOf(p).some((x) => !ctx.keeps(group.spot, x.of))) return []
  const sums = sumsOf(p, group)
  return sums.flatMap(({ currency, left, right, unknown }) => {
    // What nobody can say is not judged, and what stands in another currency is neither missing nor too much.
    if (unknown) return []
    if ((left.count === 0 || right.count === 0) && sums.length > 1) return []
    const how = outcome(p, left, right, group)
    if (group.pooled && (how === 'less' || how === 'left' || how === 'right')) return []
    if (how === 'met' || (p.as_of && metThen(p, left, right, ctx))) return []
    const needs = needed(p, group, how === 'less' || how === 'left' ? 1 : 0, ctx)
    if (needs === null) return []
    const stood = standing(check, group, needs, ctx)
    return [
      observed({ check, group, currency, left, right, how: how as Exclude<Outcome, 'met'>, needs, ...stood }, ctx),
    ]
  })
}

/**
 * True if the right side is what the left side was when it came, or became within a day of it; and where nobody knows
 * what it was, because we had not seen it yet: many platforms' stamps do not tell of every change.
 */
function metThen(p: Params, left: Sum, right: Sum, ctx: JudgeContext): boolean {
  const [owner] = left.members
  const came = right.members.map((m) => instant(m.holder.created_at) ?? Date.parse(m.told.day ?? ''))
  const at = Math.max(...came)
  if (!owner || left.count !== 1 || Number.isNaN(at)) return true
  const trail = ctx.trail(subjectOf(voiceOf(owner)), termsOf(owner.part.value!)![0]!.field)
  const known = trail.filter((s) => !s.first && s.at !== null)
  if (known.length === 0) return instant(owner.holder.observed_at)! > at
  const before = known.filter((s) => s.at! <= at - DAY)
  if (before.length === 0) return true
  const then = [before.at(-1)!, ...known.filter((s) => s.at! > at - DAY && s.at! < at + DAY)]
  return then.some((s) => s.value !== null && outcome(p, { ...left, sum: s.value }, right) === 'met')
}

const DAY = 86_400_000

export interface Need {
  part: Placed
  platform: string
}

/**
 * The stream of every side that must have been read; null where a part of the side that falls short is kept nowhere:
 * then nobody can say that it is short.
 */
function needed(p: Params, group: Group, short: 0 | 1, ctx: JudgeContext): Need[] | null {
  const scope: Record<string, string> = group.legalEntity === null ? {} : { legal_entity: group.legalEntity }
  const found: Need[] = []
  for (const part of partsOf(p)) {
    const counted = group.members.filter((m) => m.part.n === part.n)
    const spoken = [...new Set(counted.map((m) => m.holder.platform))]
    const { names } = asked(part, group.legalEntity, ctx)
    const owners = part.on ? names : [...ctx.landscape.owners(part.of, 'existence', { state: null, scope }), ...names]
    const kept = (group.spot === '' ? owners : [group.spot]).filter(
      (name) => ctx.keeps(name, part.of) && speaksFor(ctx.landscape.platform(name), scope),
    )
    const first = kept[0]
    for (const platform of new Set([...(first === undefined ? [] : [first]), ...spoken])) found.push({ part, platform })
  }
  const whole = partsOf(p).every((x) => x.side !== short || found.some((f) => f.part.n === x.n))
  return whole && [0, 1].every((n) => found.some((f) => f.part.side === n)) ? found : null
}

export interface Stood {
  verdict: Observation['verdict']
  says: Observation['evidence'][number]
  since: number | null
  dueAt: number | null
}

/** How the difference stands in time: in flight while any record is younger than the window of its side. */
function standing(check: Check<Params>, group: Group, needs: readonly Need[], ctx: JudgeContext): Stood {
  const usual = check.windowMs ?? WINDOW_MS
  const windowOf = (part: Placed) => (part.window === undefined ? usual : durationMs(part.window)!)
  const changes = group.members.map((m) => ({ at: changedAt(m, ctx), windowMs: windowOf(m.part) }))
  if (group.goneAt !== null) changes.push({ at: group.goneAt, windowMs: usual })
  const dues = changes.flatMap((c) => (c.at === null ? [] : [c.at + c.windowMs]))
  const times = changes.flatMap((c) => (c.at === null ? [] : [c.at]))
  const dueAt = dues.length ? Math.max(...dues) : null
  const voices = group.members.map(voiceOf)
  const said = verdict({ dueAt, needs: needs.map((n) => ({ platform: n.platform, kind: n.part.of })), voices }, ctx)
  const doubt = voices.find((v) => ctx.doubted(v.holder.platform, v.kind).has(v.holder.record_id))
  const since = times.length ? Math.max(...times) : null
  if (said.verdict === 'drift' && doubt)
    return {
      verdict: 'undecided',
      since,
      dueAt,
      says: { says: inDoubt(doubt.holder, ctx), strength: 'strong', disproved_by: 'A person decides.' },
    }
  return { verdict: said.verdict, says: said.says, since, dueAt }
}

function changedAt(m: Member, ctx: JudgeContext): number | null {
  const times = deciding(m.part).map((field) => saidSince(subjectOf(voiceOf(m)), field, m.holder, ctx))
  const at = times.filter((t) => t !== null)
  return at.length ? Math.max(...at) : stampedAt(m.holder)
}

/** Right less left. */
export function difference(left: Sum, right: Sum): string {
  return format(subtract(right.sum, left.sum))
}

export const isMore = (left: Sum, right: Sum): boolean => compare(right.sum, left.sum) > 0
