/** `channels` and `recipients`: over which ways something can be told, and who can be told. */
import { z } from 'zod'
import { LOCALES } from '../../model/message.ts'
import { SEVERITIES } from '../../model/verdict.ts'
import { secret } from '../../connectors/secret.ts'
import { DAYS, duration, name, schedule } from './words.ts'

const address = z.string().regex(/^[^\s@<>,;:"]+@[^\s@<>,;:"]+$/, 'write one mail address like ops@example.com')
const https = (what: string) => z.url('write an address like https://hooks.example.com/x').describe(what)
const privateNetwork = z
  .boolean()
  .default(false)
  .describe('Allow loopback and private addresses: a receiver inside your own network.')
const fallback = name
  .optional()
  .describe('Channel that takes what this one refuses for good; left out: it stays in the log as dead.')
const common = { fallback, allow_private_network: privateNetwork }

const mail = z.strictObject({
  kind: z.literal('mail').describe('Mail over SMTP.'),
  host: z.string().min(1).describe('Name of the SMTP server.'),
  port: z
    .number()
    .int()
    .min(1)
    .max(65535)
    .default(587)
    .describe('Its port; 465 begins with TLS, others upgrade to it.'),
  tls: z
    .enum(['required', 'implicit', 'optional'])
    .default('required')
    .describe('`required`: upgraded before anything is said; `implicit`: from the first byte; `optional`: if offered.'),
  user: z.string().optional().describe('User; left out: no sign-in.'),
  password: secret('Password of the user.').optional(),
  from: z
    .string()
    .regex(/^[^\r\n\0]*<[^\s@<>]+@[^\s@<>]+>$|^[^\s@<>]+@[^\s@<>]+$/, 'write ops@example.com or Name <ops@example.com>')
    .describe('Sender, `Name <address>`.'),
  dkim: z
    .strictObject({
      domain: z.string().describe('Signing domain (d=).'),
      selector: z.string().describe('Selector of the key in its DNS (s=).'),
      key: secret('Private key, PEM.'),
    })
    .optional()
    .describe('Signs every mail; leave out where the server signs.'),
  fallback,
})

const folder = z.strictObject({
  kind: z.literal('folder').describe('Mails as .eml files, for evaluation: nothing leaves the machine.'),
  path: z.string().default('mail').describe('Folder, from the data folder.'),
  from: z.string().default('Plumbline <plumbline@localhost>').describe('Sender, `Name <address>`.'),
  fallback,
})

const webhook = z.strictObject({
  kind: z.literal('webhook').describe('Signed by the Standard Webhooks specification.'),
  url: https('Address of the receiver.'),
  secrets: z
    .array(secret('`whsec_` and 24 to 64 bytes in base64.'))
    .min(1)
    .describe('Keys; each signs, so that a key can be changed without a gap.'),
  timeout: duration.default('20s').describe('How long the receiver may take; 15s to 30s.'),
  ...common,
})

const chat = <Kind extends 'slack' | 'teams' | 'google-chat'>(kind: Kind, about: string) =>
  z.strictObject({ kind: z.literal(kind).describe(about), url: secret('Address of the incoming webhook.'), ...common })

const pagerduty = z.strictObject({
  kind: z.literal('pagerduty').describe('PagerDuty Events API v2.'),
  routing_key: secret('Integration key of the service.'),
  url: https('Address of the API.').default('https://events.pagerduty.com/v2/enqueue'),
  ...common,
})
const opsgenie = z.strictObject({
  kind: z.literal('opsgenie').describe('Opsgenie Alert API.'),
  api_key: secret('Key of an API integration.'),
  url: https('Address of the API; https://api.eu.opsgenie.com/v2/alerts in the EU.').default(
    'https://api.opsgenie.com/v2/alerts',
  ),
  ...common,
})
const servicenow = z.strictObject({
  kind: z.literal('servicenow').describe('A ticket in ServiceNow.'),
  url: https('Address of the instance.'),
  user: z.string().describe('User with the right to create records of the table.'),
  password: secret('Password of the user.'),
  table: z
    .string()
    .regex(/^[a-z0-9_]+$/, 'write a table name like incident')
    .default('incident')
    .describe('Table that tickets are made in.'),
  fields: z.record(z.string(), z.string()).default({}).describe('Further fields of a new ticket, by name.'),
  ...common,
})
const zendesk = z.strictObject({
  kind: z.literal('zendesk').describe('A ticket in Zendesk.'),
  url: https('Address of the account.'),
  user: z.string().describe('Agent’s mail address.'),
  token: secret('API token of the account.'),
  fields: z.record(z.string(), z.string()).default({}).describe('Further fields of a new ticket, by name.'),
  ...common,
})
const jira = z.strictObject({
  kind: z.literal('jira').describe('A ticket in Jira.'),
  url: https('Address of the site.'),
  user: z.string().describe('Account’s mail address.'),
  token: secret('API token of the account.'),
  project: z.string().describe('Key of the project.'),
  issue_type: z.string().default('Task').describe('Type of a new ticket.'),
  ...common,
})

export const channelSchema = z.discriminatedUnion('kind', [
  mail,
  folder,
  webhook,
  chat('slack', 'Slack by an incoming webhook.'),
  chat('teams', 'Microsoft Teams by a workflow’s webhook, as an adaptive card.'),
  chat('google-chat', 'Google Chat by an incoming webhook.'),
  pagerduty,
  opsgenie,
  servicenow,
  jira,
  zendesk,
])
export type ChannelConfig = z.output<typeof channelSchema>
export type ChannelKind = ChannelConfig['kind']
export type ChannelOf<Kind extends ChannelKind> = Extract<ChannelConfig, { kind: Kind }>

const hours = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'write hours like 22:00-07:00')
const weekly = (what: string) =>
  z.array(
    z.strictObject({
      days: z.array(z.enum(DAYS)).min(1).optional().describe('Days on which it begins; left out: every day.'),
      hours: hours.describe(`${what}; may go past midnight.`),
    }),
  )

export const recipientSchema = z.strictObject({
  kind: z.enum(['team', 'person']).default('team').describe('`team` or `person`.'),
  title: z.string().optional().describe('Name for people; default: the name.'),
  channel: name.describe('Channel that reaches this recipient.'),
  address: address.optional().describe('Mail address; for mail and folder channels.'),
  language: z.enum(LOCALES).default('en').describe('`en` or `de`.'),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[A-Z]{2})?$/, 'write a locale like de-CH')
    .optional()
    .describe('Locale of numbers and dates, such as de-CH; default: the language’s.'),
  timezone: z.string().default('UTC').describe('IANA zone of the hours below and of dates in messages.'),
  quiet: weekly('From and until')
    .default([])
    .describe('Quiet hours: what comes then waits for their end, unless its severity wakes.'),
  on_call: weekly('From and until')
    .optional()
    .describe('Hours in which the recipient is on call; outside of them, `instead` is told. Left out: always.'),
  instead: name
    .optional()
    .describe('Recipient that is told outside of the on-call hours; left out: it waits for them.'),
  wakes: z.array(z.enum(SEVERITIES)).default(['critical']).describe('Severities that quiet hours do not hold back.'),
  digest: schedule
    .optional()
    .describe('Collects everything that does not wake into one message at these times; `manual` is not allowed here.'),
})
export type RecipientConfig = z.output<typeof recipientSchema>
