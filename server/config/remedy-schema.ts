/** Remediation in the configuration: who approves what, how fast writes go, where replays go, and what may run by itself. */
import { z } from 'zod'
import { ACTION_NAMES } from '../../connectors/action.ts'
import { secret } from '../../connectors/secret.ts'
import { CAUSES } from '../../model/verdict.ts'
import { changeWindow } from './change-window.ts'
import { decimal, duration, kindName, name, schedule } from './words.ts'

/** Why a message or a change did not go through. The first six are technical, the others need somebody who knows the business. */
export const EXCEPTION_CLASSES = [
  'auth',
  'rate_limit',
  'timeout',
  'too_large',
  'schema',
  'unavailable',
  'validation',
  'missing_reference',
  'duplicate',
  'conflict',
  'business',
] as const
export const exceptionClass = z.enum(EXCEPTION_CLASSES)
export type ExceptionClass = z.output<typeof exceptionClass>

const NEEDS = ['automatic', 'one', 'four_eyes', 'forbidden'] as const

const approvalRule = z
  .strictObject({
    kinds: z.array(kindName).optional().describe('Only these kinds.'),
    fields: z
      .array(z.string())
      .optional()
      .describe('Only if one of these is written: `customer.credit_limit`, `customer.bill_to.*`.'),
    actions: z.array(z.enum(ACTION_NAMES)).optional().describe('Only these actions.'),
    platforms: z
      .array(z.string())
      .optional()
      .describe('Only writes to these platforms, or to platforms of these roles.'),
    legal_entities: z.array(z.string()).optional().describe('Only records of these legal entities.'),
    environments: z.array(z.string()).optional().describe('Only in these environments.'),
    automations: z.array(z.string()).optional().describe('Only plans that these standing remediations made.'),
    money_from: decimal
      .optional()
      .describe('Only if this much or more is at stake in the plan, in the reporting currency.'),
    irreversible: z.boolean().optional().describe('Only writes that cannot be taken back.'),
    items_from: z.number().int().positive().optional().describe('Only plans of this many items or more.'),
    needs: z
      .union([
        z.enum(NEEDS),
        z.strictObject({
          approvers: z.number().int().min(1).max(9).describe('Approvers wanted, each another person.'),
        }),
      ])
      .describe(
        '`automatic`, `one` approver, `four_eyes` (two), `approvers: N`, or `forbidden`. The strictest rule that applies wins.',
      ),
    group: name.optional().describe('Group that approves; left out: everybody who may approve.'),
    per_legal_entity: z
      .boolean()
      .default(false)
      .describe('The approver must answer for the legal entity of every record.'),
    why: z.string().min(3).describe('Shown to whoever waits for the approval.'),
  })
  .describe('One line of the approval policy.')

const retry = z.strictObject({
  attempts: z.number().int().min(0).max(50).describe('0: never by itself.'),
  first: duration.describe('Wait before the first repetition.'),
  factor: z.number().min(1).max(10).default(2).describe('Each wait is so many times the one before.'),
  most: duration.default('4h').describe('Longest wait.'),
})

const target = z.strictObject({
  url: z
    .url('write an address like https://middleware.example.com/replay')
    .describe('Address that gets a signed POST.'),
  secret: secret('Key of the signature (Standard Webhooks); `whsec_` and base64.'),
  purpose: z.enum(['original', 'middleware', 'test', 'tickets']).describe('What it is to whoever chooses it.'),
  allow_private_network: z.boolean().default(false).describe('Allow addresses inside private networks.'),
  calls: z.number().int().positive().default(300).describe('Calls a minute at most.'),
})

const automation = z.strictObject({
  checks: z.array(z.string()).min(1).describe('Findings of these checks.'),
  causes: z.array(z.enum(CAUSES)).optional().describe('Only these causes.'),
  platforms: z.array(z.string()).optional().describe('Only writes to these platforms.'),
  fields: z.array(z.string()).optional().describe('Only these fields, without the kind.'),
  why_safe: z.string().min(20).describe('Why nobody needs to look at each of them.'),
  mode: z.enum(['shadow', 'on']).default('shadow').describe('`shadow`: only says what it would have done.'),
  per_hour: z.number().int().positive().default(20).describe('Writes an hour at most.'),
  money_per_hour: decimal
    .default('0')
    .describe(
      'Money at stake an hour at most, in the reporting currency; unknown amounts count as over it, 0 takes none into account.',
    ),
  breaker: z
    .number()
    .int()
    .positive()
    .default(3)
    .describe('Failures in a row after which it stops until a person starts it again.'),
})

const probe = z.strictObject({
  from: z.string().describe('Platform in which the canary record is kept.'),
  to: z.array(z.string()).min(1).describe('Platforms to which a change must come.'),
  kind: kindName.default('customer').describe('Kind of the marked record.'),
  record: z
    .string()
    .optional()
    .describe('Id of the marked record in `from`: a sandbox or an account of ours. Left out: one is made each time.'),
  create: z
    .record(z.string(), z.string())
    .optional()
    .describe('Fields of the record that is made each time, where none is named; it is ended again by the clean-up.'),
  field: z.string().describe('Field whose value is changed, or that carries the mark of a new record.'),
  within: duration.default('1h').describe('How long a change may take to every platform.'),
  clean_up: z.boolean().default(true).describe('Take it back by a plan of its own when it has arrived or is late.'),
  schedule: schedule.default('manual'),
})

/** Shipped policy, used where none is configured. */
export const SHIPPED_APPROVALS: z.input<typeof approvalRule>[] = [
  { needs: 'one', why: 'Every change of a platform is looked at by a second person.' },
  {
    kinds: ['invoice', 'payment', 'credit', 'posting', 'subscription'],
    needs: 'one',
    group: 'finance',
    why: 'It touches billing.',
  },
  {
    fields: [
      ...['payment_terms', 'credit_limit', 'credit_hold', 'currency', 'tax_id', 'tax_exempt', 'legal_entity'].map(
        (f) => `customer.${f}`,
      ),
      'customer.bill_to.*',
      'order.amount',
      'contract.value',
    ],
    needs: 'one',
    group: 'finance',
    why: 'It changes what is billed, to whom, or when.',
  },
  { money_from: '10000', needs: 'four_eyes', why: 'More than 10,000 is at stake.' },
  {
    irreversible: true,
    // A replay is told apart by its receiver; what it did is seen in the record.
    actions: ACTION_NAMES.filter((a) => a !== 'redeliver'),
    needs: 'four_eyes',
    why: 'It cannot be taken back.',
  },
]

const remedyObject = z.strictObject({
  environment: name
    .default('production')
    .describe('Which environment these credentials belong to; shown on every plan.'),
  expires: duration.default('24h').describe('A plan that nobody applied by then must be made again.'),
  stages: z
    .array(z.number().int().positive())
    .min(1)
    .default([1, 5, 50, 500])
    .describe('Canary ramp: items of each stage; the last repeats.'),
  stop_at: z
    .string()
    .regex(/^\d{1,3}%$/, 'write a share like 10%')
    .default('10%')
    .describe('Share of failures in a stage above which a plan stops by itself.'),
  groups: z
    .record(
      name,
      z.strictObject({
        members: z.array(z.email()).min(1).describe('Mail addresses of accounts.'),
        legal_entities: z.array(z.string()).optional().describe('Legal entities that they answer for; left out: all.'),
      }),
    )
    .default({})
    .describe('Name → approvers.'),
  approvals: z.array(approvalRule).optional().describe('Who must approve what, instead of the shipped policy.'),
  windows: z
    .record(name, changeWindow)
    .default({})
    .describe('Name → hours in which approved plans may apply themselves.'),
  targets: z.record(name, target).default({}).describe('Name → where replays and tickets can be sent.'),
  retries: z.partialRecord(exceptionClass, retry).default({}).describe('Class of exception → how it is tried again.'),
  automations: z
    .record(name, automation)
    .default({})
    .describe('Name → a standing remediation for a safe class of findings.'),
  probes: z.record(name, probe).default({}).describe('Name → a canary that is followed along a route.'),
})

export const remedySchema = remedyObject.superRefine(({ approvals, groups, probes }, ctx) => {
  for (const [name, p] of Object.entries(probes))
    if ((p.record === undefined) === (p.create === undefined))
      ctx.addIssue({
        code: 'custom',
        path: ['probes', name],
        message: 'give a probe either the record that it changes, or the fields of one that it makes',
      })
  for (const [i, rule] of (approvals ?? []).entries())
    if (rule.group !== undefined && !groups[rule.group])
      ctx.addIssue({
        code: 'custom',
        path: ['approvals', i, 'group'],
        message: `there is no group ${rule.group} under remedy.groups`,
      })
})

export type RemedyConfig = z.output<typeof remedySchema>
export type ApprovalRule = z.output<typeof approvalRule>
export type Automation = z.output<typeof automation>
export type ReplayTarget = z.output<typeof target>
export type Probe = z.output<typeof probe>
export type RetryRule = z.output<typeof retry>
export const approvalRules = z.array(approvalRule)
