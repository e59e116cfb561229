/** Stages: the customer lifecycle as the set-up asks for it: what is decided in each stage, and which role usually decides it. */
import { OWNERSHIP } from '../../model/ownership.ts'
import type { Role } from '../config/words.ts'

export interface StageLine {
  id: string
  /** What is decided, in the words of those who decide it. */
  says: string
  /** Lines of the ownership matrix (`kind`, `kind.field`) that a choice is written to. */
  patterns: readonly string[]
  /** Who speaks for it unless the company says otherwise. */
  usual: Role
  /** Roles that may speak for it, the usual one first. */
  choices: readonly Role[]
  /** Canonical kinds that it is about. */
  kinds: readonly string[]
}

export interface Stage {
  id: string
  title: string
  question: string
  lines: readonly StageLine[]
}

/** The fields of the shipped line that speaks for this one, so that a choice replaces exactly that line. */
const beside = (field: string): readonly string[] =>
  OWNERSHIP.find((rule) => rule.fields.includes(field))?.fields ?? [field]

const line = (id: string, says: string, patterns: readonly string[], ...choices: readonly Role[]): StageLine => ({
  ...{ id, says, patterns, choices, usual: choices[0]! },
  kinds: [...new Set(patterns.map((p) => p.split('.')[0]!))],
})

export const STAGES: readonly Stage[] = [
  {
    id: 'win',
    title: 'Winning a customer',
    question: 'Where does an account begin, and who says when it is a customer?',
    lines: [
      line(
        'account',
        'Who the customer is: name, domain, owner, segment',
        [...beside('customer.domain'), ...beside('customer.name'), ...beside('customer.parent')],
        ...(['crm', 'mdm', 'erp', 'billing'] as const),
      ),
      line('standing', 'Lead, prospect, customer or churned', ['customer.state'], 'erp', 'crm', 'mdm', 'billing'),
      line('contacts', 'The people of the account', ['contact'], 'crm', 'mdm', 'success', 'support'),
    ],
  },
  {
    id: 'sell',
    title: 'Deal and order',
    question: 'Where is it decided what was sold?',
    lines: [
      line('deals', 'Opportunities and quotes', beside('opportunity'), 'crm', 'cpq'),
      line('contracts', 'Signed contracts', ['contract'], 'crm', 'cpq', 'erp', 'billing', 'psa'),
      line('orders', 'Orders from the booking on', ['order'], 'erp', 'crm', 'commerce', 'billing'),
    ],
  },
  {
    id: 'bill',
    title: 'Invoice and payment',
    question: 'Who issues the invoices, and where is it known what was paid?',
    lines: [
      line(
        'profile',
        'Legal name, tax number, billing address, terms',
        beside('customer.legal_name'),
        ...(['erp', 'mdm', 'billing', 'crm'] as const),
      ),
      line('subscriptions', 'Subscriptions that run', ['subscription'], 'billing', 'erp', 'commerce', 'crm'),
      line('invoices', 'Invoices, payments and postings', beside('invoice'), 'erp', 'billing', 'commerce'),
      line('credits', 'Credits once they are approved', ['credit'], 'billing', 'erp', 'support', 'commerce'),
    ],
  },
  {
    id: 'serve',
    title: 'Onboarding and service',
    question: 'Who decides what the customer may use, and where is it switched on?',
    lines: [
      line('entitlements', 'What the customer is entitled to', ['entitlement'], 'billing', 'erp', 'crm', 'cpq'),
      line('tenants', 'What is switched on', ['tenant'], 'provisioning'),
      line('onboardings', 'Onboarding projects', ['onboarding'], 'psa', 'success', 'crm'),
    ],
  },
  {
    id: 'support',
    title: 'Support',
    question: 'Where are the cases worked?',
    lines: [line('cases', 'Support cases', ['case'], 'support', 'crm')],
  },
  {
    id: 'renew',
    title: 'Renewal',
    question: 'Who sees a renewal coming, and who closes it?',
    lines: [
      line('renewals', 'Renewals', ['renewal'], 'crm', 'success', 'billing'),
      line('health', 'Health and readiness to renew', beside('customer.health_score'), 'success', 'crm'),
    ],
  },
]

const LINES = new Map(STAGES.flatMap((s) => s.lines).map((l) => [l.id, l]))
export const stageLine = (id: string): StageLine | null => LINES.get(id) ?? null
