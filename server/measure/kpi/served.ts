/** Figures about what customers are given: entitlements, onboarding, support and renewals. */
import { openCount } from './commerce.ts'
import { counts, means, ratio, shares, unknown, type Family } from './kpi.ts'
import type { Readings } from './readings.ts'

const RENEWS_WITHIN_DAYS = 90
const FORETOLD_DAYS = 30

const cases = (readings: Readings) =>
  readings.cases(
    {
      opened: { field: 'opened_at', order: readings.order('case', 'opened_at') },
      resolved: { field: 'resolved_at', order: readings.order('case', 'resolved_at') },
      escalated: { field: 'escalated_at', order: readings.order('case', 'escalated_at') },
    },
    '30 days',
  )
const renewing = ({ order }: Readings) => ({
  state: { field: 'state', order: order('subscription', 'state', 'active') },
  renews: { field: 'renews_on', order: order('subscription', 'renews_on') },
})
const NO_CASES = 'No platform keeps support cases.'
const NO_RENEWAL = 'No active subscription renews in the next 90 days.'

export const service: Family = {
  title: 'Entitlements, onboarding, support and renewals',
  kpis: [
    {
      id: 'failed-entitlement-activations',
      answers: [155],
      title: 'Failed entitlement activations',
      unit: 'count',
      definition: 'Open findings now that an active subscription has no active entitlement after its deadline.',
      period: 'now',
      split: 'platform',
      better: 'lower',
      reader: 'operations',
      read: (readings) => openCount(readings, (f) => f.check === 'deadlines/entitlement-active'),
    },
    {
      id: 'entitlement-activation-accuracy',
      answers: [155],
      title: 'Entitlement activation accuracy',
      unit: 'share',
      definition:
        'Of the subscriptions that are active now, the share with an active entitlement of their own or of their contract.',
      period: 'now',
      split: 'platform',
      better: 'higher',
      reader: 'customer success',
      read: async ({ keeps, records, order }) =>
        keeps('entitlement')
          ? shares(
              await records.servedSubscriptions({
                state: { field: 'state', order: order('subscription', 'state', 'active') },
              }),
              'No subscription is active.',
            )
          : unknown('No platform keeps entitlements.'),
    },
    {
      id: 'entitlement-mismatch-rate',
      answers: [155],
      title: 'Entitlement mismatch rate',
      unit: 'share',
      definition:
        'Of the entitlements that a platform holds now, the share with an open finding that a field differs there.',
      period: 'now',
      split: 'platform',
      better: 'lower',
      reader: 'support',
      read: async ({ live, mismatched, keeps }) => {
        if (!keeps('entitlement')) return unknown('No platform keeps entitlements.')
        const [all, wrong] = await Promise.all([live(), mismatched('entitlement')])
        const held = all.filter((r) => r.kind === 'entitlement')
        const at = (platform: string) => wrong.find((w) => w.platform === platform)?.n ?? 0
        return held.map((r) => ratio(r.platform, at(r.platform), r.entities, 'No entitlement has been read yet.'))
      },
    },
    {
      id: 'delayed-entitlement-updates',
      answers: [155],
      title: 'Delayed entitlement updates',
      unit: 'count',
      definition:
        'Changes of entitlements made in the last 24 hours that arrived after their window or have not arrived though it has ended.',
      period: '24 hours',
      split: 'edge',
      better: 'lower',
      reader: 'support',
      read: async ({ lag }) =>
        counts(
          (await lag('24 hours'))
            .filter((r) => r.kind === 'entitlement')
            .map((r) => ({ name: `${r.owner}>${r.follower}`, n: r.late + r.wrong })),
        ),
    },
    {
      id: 'onboarding-cycle-time',
      answers: [165, 171],
      title: 'Onboarding cycle time',
      unit: 'seconds',
      definition:
        'Mean seconds from the first leg of account onboarding to its last, over the onboardings completed in the last 90 days.',
      period: '90 days',
      split: 'platform',
      better: 'lower',
      reader: 'customer success',
      read: async ({ records, from, to }) =>
        means(
          await records.flowTimes('account-onboarding', from('90 days'), to),
          'No onboarding was completed in the last 90 days.',
        ),
    },
    {
      id: 'support-resolution-quality',
      answers: [167],
      title: 'Support resolution quality',
      unit: 'share',
      definition: 'Of the support cases resolved in the last 30 days, the share that never was escalated.',
      period: '30 days',
      split: 'platform',
      better: 'higher',
      reader: 'support',
      read: async (readings) =>
        readings.keeps('case')
          ? shares(
              (await cases(readings)).map((c) => ({ name: c.name, part: c.calm, n: c.resolved })),
              'No case was resolved in this time.',
            )
          : unknown(NO_CASES),
    },
    {
      id: 'support-resolution-time',
      answers: [167],
      title: 'Support resolution time',
      unit: 'seconds',
      definition:
        'Mean seconds from the opening of a support case to its resolution, over those resolved in the last 30 days.',
      period: '30 days',
      split: 'platform',
      better: 'lower',
      reader: 'support',
      read: async (readings) =>
        readings.keeps('case')
          ? means(
              (await cases(readings)).map((c) => ({ name: c.name, seconds: c.seconds, n: c.resolved })),
              'No case was resolved in this time.',
            )
          : unknown(NO_CASES),
    },
    {
      id: 'support-escalations',
      answers: [171],
      title: 'Support escalations',
      unit: 'count',
      definition: 'Support cases that were escalated in the last 30 days.',
      period: '30 days',
      split: 'platform',
      better: 'lower',
      reader: 'executives',
      read: async (readings) =>
        readings.keeps('case')
          ? counts((await cases(readings)).filter((c) => c.name !== '').map((c) => ({ name: c.name, n: c.escalated })))
          : unknown(NO_CASES),
    },
    {
      id: 'service-disputes',
      answers: [171],
      title: 'Service disputes',
      unit: 'count',
      definition: 'Credits created in the last 30 days that name a support case as their reason.',
      period: '30 days',
      split: 'platform',
      better: 'lower',
      reader: 'finance',
      read: async ({ keeps, records, order, from }) =>
        keeps('credit')
          ? counts(
              await records.serviceCredits(
                { case: { field: 'case', order: order('credit', 'case') } },
                from('30 days'),
              ),
            )
          : unknown('No platform keeps credits.'),
    },
    {
      id: 'renewal-visibility',
      answers: [168],
      title: 'Renewal visibility',
      unit: 'share',
      definition: 'Of the active subscriptions that renew within the next 90 days, the share with a renewal record.',
      period: 'now',
      split: 'platform',
      better: 'higher',
      reader: 'sales operations',
      read: async (readings) =>
        readings.keeps('renewal')
          ? shares(
              await readings.records.plannedRenewals(
                renewing(readings),
                readings.day(0),
                readings.day(RENEWS_WITHIN_DAYS),
              ),
              NO_RENEWAL,
            )
          : unknown('No platform keeps renewals.'),
    },
    {
      id: 'renewal-forecast-accuracy',
      answers: [168],
      title: 'Renewal forecasting accuracy',
      unit: 'share',
      definition:
        'Of the renewals due in the last 90 days that were renewed or lost and whose record carried an amount 30 days before its day, the share renewed with exactly that amount.',
      period: '90 days',
      split: 'platform',
      better: 'higher',
      reader: 'executives',
      read: async ({ keeps, records, order, day }) =>
        keeps('renewal')
          ? shares(
              await records.foretoldRenewals(
                {
                  state: { field: 'state', order: order('renewal', 'state') },
                  due: { field: 'due_on', order: order('renewal', 'due_on') },
                  amount: { field: 'amount', order: order('renewal', 'amount') },
                },
                day(-90),
                day(0),
                FORETOLD_DAYS,
              ),
              'No decided renewal was known 30 days before its day.',
            )
          : unknown('No platform keeps renewals.'),
    },
    {
      id: 'renewal-confidence',
      answers: [171],
      title: 'Renewal confidence',
      unit: 'share',
      definition:
        'Of the active subscriptions that renew within the next 90 days, the share without an open high or critical finding about them or their customer.',
      period: 'now',
      split: 'platform',
      better: 'higher',
      reader: 'executives',
      read: async (readings) =>
        shares(
          await readings.records.untroubledRenewals(
            renewing(readings),
            readings.day(0),
            readings.day(RENEWS_WITHIN_DAYS),
          ),
          NO_RENEWAL,
        ),
    },
    {
      id: 'renewals-blocked',
      answers: [170],
      title: 'Renewals blocked',
      unit: 'count',
      definition: 'Open findings now that a renewal is blocked by an overdue invoice.',
      period: 'now',
      split: 'platform',
      better: 'lower',
      reader: 'finance',
      read: (readings) => openCount(readings, (f) => f.check === 'renewal/blocked-by-overdue-invoice'),
    },
  ],
}
