/** What is said of a match group that does not meet: every member of both sides, sums, counts and the difference. */
import { abs, compare, format, subtract } from '../../../model/decimal.ts'
import { kindOf } from '../../../model/kinds.ts'
import type { Cause, Evidence, HeldValue, Observation } from '../../../model/verdict.ts'
import { iso } from '../../clock.ts'
import type { Check, JudgeContext } from '../contract.ts'
import { titleOf } from '../timing.ts'
import type { Need, Stood } from './match.ts'
import type { Group, Member, Sum } from './match-group.ts'
import type { Outcome } from './match-met.ts'
import { hangsOn, termsOf, type Params } from './match-params.ts'

export interface Unmet extends Stood {
  check: Check<Params>
  group: Group
  currency: string
  left: Sum
  right: Sum
  how: Exclude<Outcome, 'met'>
  needs: readonly Need[]
}

export function observed(u: Unmet, ctx: JudgeContext): Observation {
  const { check, group, left, right, currency } = u
  const p = check.params
  const place = (side: 0 | 1) =>
    (side === 0 ? left : right).members[0]?.holder.platform ?? u.needs.find((n) => n.part.side === side)!.platform
  const [ours, theirs] = [place(0), place(1)]
  // Where a side stands alone, the other one is at fault for not being there.
  const fault = u.how === 'left' ? 1 : u.how === 'right' ? (p.fault === 'right' ? 0 : 1) : p.fault === 'right' ? 1 : 0
  const [owner, platform] = fault === 1 ? [ours, theirs] : [theirs, ours]
  const why = cause(u)
  const money = p.must !== 'any'
  const say = (sum: Sum) => (money ? sum.sum : String(sum.count))
  const all = [...left.members, ...right.members]
  const terms = termsOf(p.left[0]!.value ?? '')
  return {
    key: [hangsOn(p) === 'entity' ? group.entity_id : group.grp, group.spot, currency].join('|'),
    check: check.id,
    category: check.category,
    kind: group.kind,
    entity_id: group.entity_id,
    customer_entity_id: group.customer_entity_id,
    subject: all.map((m) => ({ platform: m.holder.platform, kind: m.part.of, record_id: m.holder.record_id })),
    scope: { ...(group.legalEntity !== null && { legal_entity: group.legalEntity }), ...monthOf(left, right) },
    field: terms?.length === 1 ? terms[0]!.field : null,
    verdict: u.verdict,
    cause: why.cause,
    owner_platform: owner === platform ? null : owner,
    platform,
    expected: { [ours]: say(left) },
    actual: { [theirs]: say(right) },
    values: all.map((m) => held(m, money, fault, ctx)),
    evidence: [u.says, told(u, ctx), ...(why.evidence ? [why.evidence] : [])],
    amount_at_risk: money ? atRisk(u) : lone(u),
    currency: money ? currency : (all.find((m) => m.told.currency !== null)?.told.currency ?? null),
    severity: check.severity,
    since: u.since === null ? null : iso(u.since),
    due_at: u.dueAt === null ? null : iso(u.dueAt),
    title: p.says[u.how] ?? check.title,
  }
}

/** The month that the difference belongs to: that of the left side, where its documents are dated. */
function monthOf(left: Sum, right: Sum): { period?: string } {
  const [first] = [...(left.days.length ? left.days : right.days)].sort()
  return first === undefined || !/^\d{4}-\d\d/.test(first) ? {} : { period: first.slice(0, 7) }
}

function atRisk(u: Unmet): string {
  return format(abs(subtract(u.right.sum, u.left.sum)))
}

/** What stands alone is worth what it says, where its side has a value. */
function lone(u: Unmet): string | null {
  const members = u.how === 'right' ? u.right.members : u.left.members
  if (members.length === 0 || members.some((m) => m.told.value === null)) return null
  return format(u.how === 'right' ? u.right.sum : u.left.sum)
}

function held(m: Member, money: boolean, fault: 0 | 1, ctx: JudgeContext): HeldValue {
  const complete = ctx.completeThrough(m.holder.platform, m.part.of)
  const value = money || m.told.value !== null ? m.told.value : m.holder.state
  return {
    platform: m.holder.platform,
    record_id: m.holder.record_id,
    state: value === null ? 'cannot_hold' : 'value',
    value: value === null ? null : /^-?\d/.test(value) ? format(value) : value,
    raw: null,
    changed_at: m.holder.changed_at,
    changed_by: m.holder.changed_by,
    observed_at: m.holder.observed_at,
    complete_through: complete === null ? null : iso(complete),
    stands: m.part.side === fault ? 'follower' : 'owner',
  }
}

/** Sums, counts and difference in one sentence. */
function told(u: Unmet, ctx: JudgeContext): Evidence {
  const money = u.check.params.must !== 'any'
  const side = (n: 0 | 1, sum: Sum): string => {
    const kinds = [...new Set(u.needs.filter((x) => x.part.side === n).map((x) => x.part.of))]
    const where = [...new Set(sum.members.map((m) => m.holder.platform))].map((name) => titleOf(ctx, name))
    const counts = kinds.map((kind) => {
      const count = sum.members.filter((m) => m.part.of === kind).length
      return `${count} ${count === 1 ? kindOf(kind).title.toLowerCase() : kindOf(kind).plural}`
    })
    return `${counts.join(' and ')}${money ? ` over ${sum.sum} ${u.currency}` : ''}${where.length ? ` in ${where.join(' and ')}` : ''}`
  }
  const gap = money && compare(u.left.sum, u.right.sum) !== 0 ? `; the difference is ${atRisk(u)} ${u.currency}` : ''
  const days = u.how === 'dates' ? `; the dates are ${u.left.days.join(', ')} and ${u.right.days.join(', ')}` : ''
  return {
    says: `${side(0, u.left)} stand against ${side(1, u.right)}${gap}${days}.`,
    strength: 'strong',
    disproved_by: 'Sides that meet, or a match that a person confirms.',
  }
}

function cause(u: Unmet): { cause: Cause; evidence: Evidence | null } {
  if (u.how === 'left') return { cause: 'never_sent', evidence: null }
  if (u.how === 'more' || u.how === 'count') {
    const over = u.how === 'count' ? null : atRisk(u)
    const twin = u.right.members.find((m) =>
      u.right.members.some(
        (o) =>
          o !== m &&
          o.part === m.part &&
          o.told.value !== null &&
          o.told.value === m.told.value &&
          (over === null || compare(abs(o.told.value), over) === 0),
      ),
    )
    if (twin)
      return {
        cause: 'duplicate_created',
        evidence: {
          says: `Two ${kindOf(twin.part.of).plural} of ${format(twin.told.value!)} are among them, and one of them is the difference.`,
          strength: 'supporting',
          disproved_by: 'Two deliveries that both were agreed.',
        },
      }
  }
  if (u.how === 'more' || u.how === 'less') {
    const small = compare(atRisk(u), '0.05') <= 0 && compare(u.left.sum, '5') > 0
    if (small)
      return {
        cause: 'rounding',
        evidence: { says: `The difference of ${atRisk(u)} is what rounding makes.`, strength: 'supporting' },
      }
  }
  return { cause: 'unknown', evidence: null }
}
