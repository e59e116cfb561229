/** Renewals: what is due, and how ready it is, composed from the facts when it is asked for. */
import { renewalReadiness, type RenewalReadiness } from '../../model/renewal-readiness.ts'
import { dayOf, isoDay } from '../config/day.ts'
import type { Context } from '../context.ts'
import {
  billingOf,
  failedPaymentsOf,
  healthOf,
  supportOf,
  upcoming,
  type Speakers,
  type UpcomingRow,
} from '../store/facts/renewal-facts.ts'

const DAY = 86_400_000

/** A renewal whose day is over stays listed this long. */
const LATE_DAYS = 90

export interface UpcomingRenewal extends UpcomingRow {
  readiness_now: RenewalReadiness
  days_left: number
}

/** Everything that is due within so many days, the next first. */
export async function upcomingRenewals(ctx: Context, withinDays: number): Promise<UpcomingRenewal[]> {
  const now = ctx.clock.now()
  const day = (ms: number) => isoDay(dayOf('UTC', ms))
  const today = day(now)
  const speakers: Speakers = (kind) => [
    ...new Set([
      ...ctx.landscape.owners(kind, kind === 'customer' ? 'health_score' : 'state', { state: null, scope: {} }),
      ...ctx.landscape.platforms.map((p) => p.name),
    ]),
  ]
  const rows = await upcoming(ctx.facts, speakers, day(now - LATE_DAYS * DAY), day(now + withinDays * DAY))
  const customers = [...new Set(rows.map((r) => r.customer_eid))].filter((c) => c !== '0')
  const kept = new Set(ctx.control.streams().map((s) => s.kind))
  const iso = (ms: number) => new Date(ms).toISOString()
  const [billing, failed, support, health] = await Promise.all([
    billingOf(ctx.facts, customers, today, speakers),
    failedPaymentsOf(ctx.facts, customers, iso(now - 90 * DAY), speakers),
    supportOf(ctx.facts, customers, iso(now), speakers),
    healthOf(ctx.facts, customers, speakers),
  ])
  const of = <T extends { customer_eid: string }>(list: readonly T[]) => new Map(list.map((x) => [x.customer_eid, x]))
  const [bills, fails, cases, scores] = [of(billing), of(failed), of(support), of(health)]
  return rows.map((row) => {
    const bill = bills.get(row.customer_eid)
    const help = cases.get(row.customer_eid)
    const score = scores.get(row.customer_eid)
    const daysLeft = Math.round((Date.parse(row.due_on.slice(0, 10)) - Date.parse(today)) / DAY)
    return {
      ...row,
      days_left: daysLeft,
      readiness_now: renewalReadiness({
        billing:
          bill && (bill.invoices !== '0' || bill.overdue !== '0')
            ? {
                invoices: Number(bill.invoices),
                paidLate: Number(bill.paid_late),
                overdue: Number(bill.overdue),
                worstDays: Number(bill.worst_days),
                disputed: Number(bill.disputed),
                failed: Number(fails.get(row.customer_eid)?.failed ?? 0),
              }
            : null,
        pipeline: {
          state: row.state,
          daysLeft,
          autoRenew: row.auto_renew === null ? null : row.auto_renew === 'true',
          subscription: row.subscription_state,
        },
        health: score ? outOfHundred(score.score, score.top) : null,
        support:
          kept.has('case') && row.customer_eid !== '0'
            ? {
                escalated: Number(help?.escalated ?? 0),
                open: Number(help?.open ?? 0),
                recent: Number(help?.recent ?? 0),
                before: Number(help?.before ?? 0),
              }
            : null,
      }),
    }
  })
}

/** The scales that success tools use; the smallest that the platform's highest score fits into is taken for its own. */
const SCALES = [1, 5, 10, 100]

export function outOfHundred(score: number, top: number): number | null {
  const scale = SCALES.find((s) => top <= s)
  return scale === undefined || score < 0 ? null : (score / scale) * 100
}
