/**
 * Renewal readiness: how ready a renewal is, from billing history, pipeline, health and support. Pure, and shared by
 * server and dashboard.
 *
 * Every part is a score from 0 to 100 with its weight and its reasons. A part of which nothing is known has no score:
 * it is never taken for fine, it only makes the whole less certain. The weights say what loses renewals most often:
 * money (35), nobody asking in time (25), a customer that does not use it (20), trouble that is not solved (20).
 */

export interface BillingFacts {
  /** Invoices of the last twelve months, and those of them that were paid after their day. */
  invoices: number
  paidLate: number
  /** Open and past their day now, and by how many days the worst of them. */
  overdue: number
  worstDays: number
  disputed: number
  /** Payments that failed in the last 90 days. */
  failed: number
}

export interface PipelineFacts {
  /** State of the renewal; null where nobody has opened one. */
  state: 'upcoming' | 'in_progress' | null
  /** Days until the renewal day; negative when it is over. */
  daysLeft: number
  autoRenew: boolean | null
  /** State of the subscription that renews; null when unknown. */
  subscription: string | null
}

export interface SupportFacts {
  escalated: number
  open: number
  /** Cases opened in the last 30 days, and in the 90 days before. */
  recent: number
  before: number
}

export interface RenewalFacts {
  /** null: no platform keeps invoices, or there is none of the last year. */
  billing: BillingFacts | null
  pipeline: PipelineFacts
  /** From 0 to 100; null: nobody keeps a score for this customer. */
  health: number | null
  /** null: no platform keeps support cases. */
  support: SupportFacts | null
}

export const READINESS_PARTS = ['billing', 'pipeline', 'health', 'support'] as const
export type ReadinessPart = (typeof READINESS_PARTS)[number]

export const READINESS_WEIGHTS: Readonly<Record<ReadinessPart, number>> = {
  billing: 35,
  pipeline: 25,
  health: 20,
  support: 20,
}

/** Least weight that must be known for any verdict, and for calling a renewal ready. */
export const KNOWN_FOR_VERDICT = 60
export const KNOWN_FOR_READY = 80

/** Below this one part alone puts the renewal at risk. */
export const PART_AT_RISK = 30
export const WHOLE_AT_RISK = 50
export const WHOLE_READY = 75

export const READINESS = ['ready', 'watch', 'at_risk', 'unknown'] as const
export type Readiness = (typeof READINESS)[number]

export interface PartScore {
  part: ReadinessPart
  weight: number
  /** null: unknown. */
  score: number | null
  /** Why, in words, worst first. */
  says: string[]
}

export interface RenewalReadiness {
  readiness: Readiness
  /** Weighted over the known parts; null when none is known. */
  score: number | null
  /** Weight of the known parts, of 100. */
  known: number
  parts: PartScore[]
}

export function renewalReadiness(facts: RenewalFacts): RenewalReadiness {
  const parts: PartScore[] = [
    scored('billing', facts.billing ? billing(facts.billing) : 'No invoice of the last year is known.'),
    scored('pipeline', pipeline(facts.pipeline)),
    scored('health', facts.health === null ? 'Nobody keeps a health score for it.' : health(facts.health)),
    scored('support', facts.support ? support(facts.support) : 'No platform keeps support cases.'),
  ]
  const certain = parts.filter((p) => p.score !== null)
  const known = certain.reduce((n, p) => n + p.weight, 0)
  const score = known === 0 ? null : Math.round(certain.reduce((n, p) => n + p.weight * p.score!, 0) / known)
  return { readiness: verdict(certain, score, known), score, known, parts }
}

/** One bad part is enough for a risk, however little else is known; ready needs nearly everything. */
function verdict(certain: readonly PartScore[], score: number | null, known: number): Readiness {
  if (certain.some((p) => p.score! < PART_AT_RISK)) return 'at_risk'
  if (score === null || known < KNOWN_FOR_VERDICT) return 'unknown'
  if (score < WHOLE_AT_RISK) return 'at_risk'
  return score >= WHOLE_READY && known >= KNOWN_FOR_READY ? 'ready' : 'watch'
}

interface Points {
  score: number
  says: string[]
}

function scored(part: ReadinessPart, points: Points | string): PartScore {
  const weight = READINESS_WEIGHTS[part]
  if (typeof points === 'string') return { part, weight, score: null, says: [points] }
  return { part, weight, score: Math.max(0, Math.min(100, Math.round(points.score))), says: points.says }
}

/** Takes points off a full hundred, each with its reason. */
function less(steps: readonly (readonly [number, string])[], fine: string): Points {
  const taken = steps.filter(([points]) => points > 0).sort(([a], [b]) => b - a)
  return {
    score: 100 - taken.reduce((n, [points]) => n + points, 0),
    says: taken.length ? taken.map(([, says]) => says) : [fine],
  }
}

const counted = (n: number, one: string, many = `${one}s`) => `${n} ${n === 1 ? one : many}`

function billing(b: BillingFacts): Points {
  const share = b.invoices === 0 ? 0 : b.paidLate / b.invoices
  return less(
    [
      [
        b.overdue > 0 ? 30 + Math.min(45, b.worstDays) : 0,
        `${counted(b.overdue, 'invoice')} overdue, the worst by ${counted(b.worstDays, 'day')}`,
      ],
      [b.disputed > 0 ? 40 : 0, `${counted(b.disputed, 'invoice')} disputed`],
      [Math.min(20, b.failed * 10), `${counted(b.failed, 'payment')} failed in the last 90 days`],
      [Math.round(share * 30), `${b.paidLate} of ${counted(b.invoices, 'invoice')} paid late`],
    ],
    `${counted(b.invoices, 'invoice')} of the last year, all paid in time`,
  )
}

function pipeline(p: PipelineFacts): Points {
  const left = p.daysLeft < 0 ? `${counted(-p.daysLeft, 'day')} past its day` : `${counted(p.daysLeft, 'day')} left`
  const says: string[] = []
  let score: number
  if (p.daysLeft < 0) score = 0
  else if (p.state === 'in_progress') score = p.daysLeft < 7 ? 60 : 85
  else if (p.autoRenew === true) score = 85
  else score = p.daysLeft > 60 ? 75 : p.daysLeft > 30 ? 55 : p.daysLeft > 14 ? 35 : 15
  says.push(
    p.state === 'in_progress'
      ? `In talks, ${left}`
      : p.state === 'upcoming'
        ? `Opened and not in talks, ${left}`
        : `Nobody has opened it, ${left}`,
  )
  if (p.autoRenew === true) says.push('Renews by itself')
  if (p.autoRenew === false) says.push('Does not renew by itself')
  if (p.subscription === 'past_due' || p.subscription === 'paused') {
    score = Math.min(score, 40)
    says.unshift(`Its subscription is ${p.subscription.replace('_', ' ')}`)
  }
  return { score, says }
}

const health = (score: number): Points => ({ score, says: [`Health score ${Math.round(score)} of 100`] })

function support(s: SupportFacts): Points {
  const usual = s.before / 3
  const rising = s.recent >= 3 && s.recent > usual * 1.5
  return less(
    [
      [Math.min(75, s.escalated * 40), `${counted(s.escalated, 'case')} escalated`],
      [rising ? 25 : 0, `${counted(s.recent, 'case')} in 30 days, ${usual.toFixed(1)} a month before`],
      [s.open > 5 ? 15 : 0, `${counted(s.open, 'case')} open`],
    ],
    s.recent === 0 ? 'No case in 30 days' : `${counted(s.recent, 'case')} in 30 days, no more than usual`,
  )
}
