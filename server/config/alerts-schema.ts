/** `alerts`: what is told, to whom, when, and what never leaves. */
import { z } from 'zod'
import { CATEGORIES, SEVERITIES } from '../../model/verdict.ts'
import { decimal, duration, name } from './words.ts'

/** What an issue can come to that somebody may want to know. Being still there is none of them. */
export const TRIGGERS = [
  'new',
  'regressed',
  'escalating',
  'about_to_breach',
  'breached',
  'recoverability_ending',
  'fix_failed',
  'resolved',
  'burn_rate',
] as const
export type Trigger = (typeof TRIGGERS)[number]

const listOf = <T extends z.ZodType<string>>(one: T, about: string) =>
  z
    .union([one, z.array(one).min(1)])
    .transform((v): z.output<T>[] => (Array.isArray(v) ? v : [v]) as z.output<T>[])
    .optional()
    .describe(about)

const words = (about: string) => listOf(z.string().min(1), about)

export const matchSchema = z.strictObject({
  check: words('Check ids; `invoice-payment/*` for a family.'),
  category: listOf(z.enum(CATEGORIES), 'What kind of difference it is.'),
  cause: words('Causes, such as `never_sent`.'),
  kind: words('Canonical kinds, such as `invoice`.'),
  field: words('Fields, such as `status` or `bill_to.*`.'),
  from: words('Owner’s end of the edge: platform or role.'),
  to: words('Other end of the edge, the one at fault: platform or role.'),
  severity: listOf(z.enum(SEVERITIES), 'Severities.'),
  money_from: decimal.optional().describe('Money at risk from this amount on, in the reporting currency.'),
  legal_entity: words('Legal entities of the records.'),
  team: words('Owner teams.'),
  environment: words('Environments of the platforms, as in platforms.*.environment.'),
  issue: words('Single issues, such as `I-3000`.'),
})
export type Match = z.output<typeof matchSchema>

export const routeSchema = z.strictObject({
  name: z.string().min(1).max(80).describe('What people call the route.'),
  enabled: z.boolean().default(true).describe('`false`: it is kept and takes nothing.'),
  match: matchSchema.prefault({}).describe('What it takes: every condition must hold; left out: everything.'),
  when: z
    .array(z.enum(TRIGGERS))
    .min(1)
    .default([...TRIGGERS])
    .describe('Which news it takes.'),
  tell: z
    .array(name)
    .min(1)
    .describe('Recipients; `owner` is the team that the issue belongs to, `assignee` the person who works on it.'),
  continue: z.boolean().default(false).describe('`true`: later routes are asked too.'),
  customer_names: z.boolean().default(true).describe('`false`: customers’ names stay inside; identifiers leave.'),
  escalate: z
    .array(
      z.strictObject({
        after: duration.describe('Time since it was told, without anybody acknowledging it.'),
        tell: z.array(name).min(1).describe('Recipients that are told then.'),
      }),
    )
    .default([])
    .describe('Who is told when nobody acknowledges.'),
})
export type RouteConfig = z.output<typeof routeSchema>

export const alertsSchema = z.strictObject({
  routes: z.array(routeSchema).default([]).describe('Asked in order; the first that takes it ends the search.'),
  group: z
    .strictObject({
      first: duration.default('60s').describe('How long the first news of a cause waits for others.'),
      then: duration.default('15m').describe('How often later news of the same cause is told.'),
      storm: z
        .number()
        .int()
        .min(2)
        .default(20)
        .describe('More new issues of one cause than this are told by their cause, with counts.'),
    })
    .prefault({})
    .describe('What is told together.'),
  escalation: z
    .strictObject({
      money: z
        .array(decimal)
        .default(['1000', '10000', '100000', '1000000'])
        .describe('Amounts in the reporting currency whose passing is news.'),
      findings: z
        .array(z.number().int().min(2))
        .default([10, 100, 1000, 10000])
        .describe('Numbers of open findings whose passing is news.'),
    })
    .prefault({})
    .describe('When an open issue has become worse.'),
  breach: z
    .strictObject({
      before: duration.default('10m').describe('How long before a window ends it is told.'),
      severity: z
        .array(z.enum(SEVERITIES))
        .default(['critical'])
        .describe('Severities for which a change that is still under way is told at all.'),
    })
    .prefault({})
    .describe('News of changes that may not arrive in time.'),
  recoverable: duration
    .default('1d')
    .describe('How long before a platform forgets the events that could be replayed it is told.'),
  fix_holds: duration
    .default('3d')
    .describe('A difference that comes back within this time means that its fix did not hold.'),
  masked: z
    .array(z.string())
    .default(['*.email', '*.phone', '*.tax_id'])
    .describe('Fields whose values never leave: `kind.field`, with `*` for any.'),
  own: z
    .strictObject({
      tell: z.array(name).default([]).describe('Recipients that are told when the monitor itself is blind.'),
      stale: duration.default('1h').describe('A stream that was not read for this long is stale.'),
      queue: duration.default('15m').describe('A message that waits for this long means that a channel is stuck.'),
      disk: z.number().min(0).max(0.5).default(0.05).describe('Free share of the disk below which it is told.'),
      heartbeat: z
        .strictObject({
          url: z.url('write an address like https://hc-ping.com/…').describe('Called while all is well.'),
          every: duration.default('1m').describe('How often.'),
          allow_private_network: z.boolean().default(false).describe('Allow loopback and private addresses.'),
        })
        .optional()
        .describe('A watcher elsewhere that tells when we are silent.'),
    })
    .prefault({})
    .describe('The monitor watches itself.'),
})
export type AlertsConfig = z.output<typeof alertsSchema>
