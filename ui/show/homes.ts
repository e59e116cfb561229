/** Homes: what each role is shown first, in its own words. The facts are everybody's; only choice, order and words differ. */

/** A list of issues: the query is the card. */
export interface IssueCard {
  is: 'issues'
  title: string
  q: string
  sort: 'attention' | 'risk' | 'due' | 'age'
  /** Said when nothing fits: what that means for this reader. */
  none: string
}
export interface OtherCard {
  is:
    | 'figures'
    | 'summary'
    | 'connectors'
    | 'renewals'
    | 'periods'
    | 'find'
    | 'ownership'
    | 'audit'
    | 'money'
    | 'outlook'
    | 'exceptions'
    | 'plans'
    | 'teams'
  title: string
}
export type Card = IssueCard | OtherCard

export interface Home {
  as: string
  /** Reader as people call themselves. */
  title: string
  question: string
  /** Readers of key figures whose figures are shown (`reader` of GET /v1/kpis), in this order. */
  readers: readonly string[]
  cards: readonly Card[]
}

const issues = (title: string, q: string, none: string, sort: IssueCard['sort'] = 'attention'): IssueCard => ({
  is: 'issues',
  title,
  q,
  sort,
  none,
})
const checks = (...ids: string[]) => `is:open check:${ids.join(',')}`

export const HOMES: readonly Home[] = [
  {
    as: 'operations',
    title: 'Integration operations',
    question: 'What is broken, where did it stop, and can I trust what I see?',
    readers: ['integration operations', 'operations'],
    cards: [
      { is: 'connectors', title: 'Connectors' },
      issues('Came back', 'is:regressed', 'Nothing that was fixed has come back.'),
      issues(
        'Sources that are late, thin or changed',
        checks(
          'collecting/streams',
          'collecting/thin',
          'collecting/schema',
          'collecting/slow-edge',
          'collecting/unreadable',
        ),
        'Every source is read in time, whole and in the shape that we know.',
      ),
      issues('Next to break its promise', 'is:unresolved', 'No difference is open or undecided.', 'due'),
      { is: 'exceptions', title: 'What did not go through' },
      { is: 'plans', title: 'Waiting for approval' },
      { is: 'figures', title: 'Flow' },
    ],
  },
  {
    as: 'finance',
    title: 'Finance',
    question: 'What is billed wrongly, what does it cost, and can the month be closed?',
    readers: ['finance'],
    cards: [
      { is: 'money', title: 'Money at risk' },
      issues(
        'Billed although it ended',
        checks(
          'invoice-payment/cancelled-still-billed',
          'renewal/contract-over-still-billing',
          'renewal/churned-with-subscription',
        ),
        'Nothing that ended is still billed.',
        'risk',
      ),
      issues(
        'Served or ordered, not billed',
        checks(
          'deadlines/subscription-invoiced',
          'deadlines/booked-order-invoiced',
          'matching/order-underbilled',
          'matching/subscription-invoices',
        ),
        'Everything that runs or was booked is billed.',
        'risk',
      ),
      issues(
        'Invoices, payments and credits that differ',
        'is:open kind:invoice,payment,credit,posting',
        'All ledgers say the same of every invoice, payment and credit.',
        'risk',
      ),
      { is: 'plans', title: 'Waiting for approval' },
      { is: 'periods', title: 'Month-end' },
      { is: 'figures', title: 'Finance in figures' },
    ],
  },
  {
    as: 'sales',
    title: 'Sales and RevOps',
    question: 'Whose account, stage or order is wrong before I talk to them?',
    readers: ['sales operations'],
    cards: [
      issues('Accounts that are doubled', 'is:open category:duplicate kind:customer', 'No account exists twice.'),
      issues(
        'Wrong owner, segment or profile',
        'is:open kind:customer field:owner,segment,type,name,domain,parent,state',
        'Every platform has the account as the CRM has it.',
      ),
      issues(
        'Do not sell more to them yet',
        checks(
          'renewal/overdue-while-expanding',
          'renewal/blocked-by-overdue-invoice',
          'entitlement/credit-hold-ignored',
        ),
        'No account on hold or overdue is about to be offered more.',
        'risk',
      ),
      issues(
        'Orders and quotes that stopped',
        'is:open kind:order,quote,opportunity',
        'Every order and quote moves on.',
        'risk',
      ),
      { is: 'renewals', title: 'Renewals of the next 30 days' },
      { is: 'figures', title: 'Sales in figures' },
    ],
  },
  {
    as: 'success',
    title: 'Customer success',
    question: 'Which of my customers will notice, and who is at risk before the renewal?',
    readers: ['customer success'],
    cards: [
      { is: 'renewals', title: 'Renewals of the next 30 days' },
      issues(
        'What customers notice',
        'is:open kind:entitlement,tenant,subscription,onboarding',
        'Everybody has what they pay for.',
      ),
      issues(
        'Onboarding that is late or stuck',
        checks('entitlement/onboarding-late', 'entitlement/onboarding', 'lifecycle/onboarding-blocked'),
        'No onboarding is late.',
        'due',
      ),
      issues(
        'At risk and not flagged',
        checks('renewal/at-risk-unflagged'),
        'Every renewal at risk is flagged.',
        'risk',
      ),
      { is: 'figures', title: 'Success in figures' },
    ],
  },
  {
    as: 'support',
    title: 'Support',
    question: 'What may this customer have, and is what I see true?',
    readers: ['support'],
    cards: [
      { is: 'find', title: 'Find a customer' },
      issues(
        'Entitlements that differ',
        checks(
          'entitlement/entitlement',
          'duplicates/entitlement',
          'deadlines/entitlement-active',
          'deadlines/cancelled-entitlement-ended',
          'deadlines/left-customer-entitlement',
          'lifecycle/entitlement-before-subscription',
        ),
        'Every entitlement is as it was sold.',
      ),
      issues(
        'Service without a contract, or in spite of a hold',
        checks(
          'entitlement/service-without-contract',
          'entitlement/credit-hold-ignored',
          'entitlement/past-due-still-running',
          'deadlines/held-customer-entitlement',
        ),
        'Nobody is served whom nobody may serve.',
        'risk',
      ),
      issues('Cases that differ between platforms', 'is:open kind:case', 'Every case is the same everywhere.'),
      { is: 'figures', title: 'Support in figures' },
    ],
  },
  {
    as: 'stewards',
    title: 'Data stewards',
    question: 'Who owns it, who is doubled, what is missing, which codes mean nothing?',
    readers: ['data stewards'],
    cards: [
      issues('Doubled or likely doubled', 'is:open category:duplicate', 'Nothing exists twice.'),
      issues('Written by somebody who does not own it', 'is:open category:authority', 'Only owners write.'),
      issues('Missing or unreadable facts', 'is:open category:quality', 'Every fact that a rule asks for is there.'),
      issues(
        'Codes that mean nothing',
        'is:open cause:unmapped_code',
        'Every code that was read has its entry in a reference map.',
      ),
      { is: 'ownership', title: 'Fields that need an owner' },
      { is: 'figures', title: 'Quality in figures' },
    ],
  },
  {
    as: 'audit',
    title: 'Audit and compliance',
    question: 'What was decided, by whom, and does the trail hold?',
    readers: ['compliance'],
    cards: [
      { is: 'audit', title: 'The trail' },
      issues('Accepted as correct', 'is:accepted', 'No difference is accepted now.', 'risk'),
      issues(
        'Missing compliance and tax facts',
        checks('data-quality/country-rules', 'data-quality/customer-fields'),
        'Every customer has what the law of its country asks for.',
      ),
      issues('Structures that differ', 'is:open category:structure,total', 'Trees, parties and totals agree.', 'risk'),
      { is: 'figures', title: 'Compliance in figures' },
    ],
  },
  {
    as: 'executive',
    title: 'Executives',
    question: 'Is it getting better, what does it cost, what was saved?',
    readers: ['executives'],
    cards: [
      { is: 'outlook', title: 'Where we stand' },
      { is: 'summary', title: 'In short' },
      { is: 'money', title: 'Money' },
      { is: 'figures', title: 'Outcomes' },
      { is: 'teams', title: 'In time by team' },
    ],
  },
]

export const homeOf = (as: string | null): Home => HOMES.find((h) => h.as === as) ?? HOMES[0]!
