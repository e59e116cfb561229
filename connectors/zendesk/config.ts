/** Settings of a Zendesk Support account. */
import { z } from 'zod'
import { secret } from '../secret.ts'
import { hookSchema } from '../signature.ts'

const key = z.string().min(1).max(100)
const canonical = z.record(z.string(), key).default({})

const mapping = (what: string) =>
  z
    .strictObject({
      fields: canonical.describe(`Canonical field → ${what}. The configured field is then the only source of it.`),
      refs: canonical.describe(`Platform or role → ${what} that holds that platform’s id.`),
      custom: canonical.describe(`Further fields → ${what}; checks name them custom.<name>.`),
      status: key
        .optional()
        .describe(`The ${what} that holds the status word; left out: Zendesk’s own, where it has one.`),
      external_id: z.string().optional().describe('Platform or role whose id stands in `external_id`.'),
    })
    .prefault({})

export const configSchema = z.strictObject({
  subdomain: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/i, 'write only the part before .zendesk.com')
    .describe('The part of the address before `.zendesk.com`.'),
  base_url: z
    .url()
    .optional()
    .describe('Another address than https://<subdomain>.zendesk.com: a proxy or the laboratory.'),
  auth: z
    .discriminatedUnion('flow', [
      z.strictObject({
        flow: z.literal('client_credentials'),
        client_id: z.string().describe('Unique identifier of a confidential OAuth client.'),
        client_secret: secret('Secret of the OAuth client.'),
        scope: z.string().default('read').describe('Scopes asked for.'),
      }),
      z.strictObject({
        flow: z.literal('api_token'),
        email: z.email().describe('Mail address of the administrator whom the token stands for.'),
        token: secret('API token.'),
      }),
    ])
    .describe('How we sign in: an OAuth client (better), or an API token with an administrator’s address.'),
  organization: mapping('key of an organization field').describe('What organization fields hold.'),
  user: mapping('key of a user field').describe('What user fields hold.'),
  ticket: mapping('id of a ticket field').describe('What ticket fields hold.'),
  entitlement: z
    .discriminatedUnion('source', [
      z.strictObject({
        source: z.literal('custom_object'),
        key: key.describe('Key of the custom object whose records are entitlements.'),
        mapping: mapping('key of a field of the custom object'),
      }),
      z.strictObject({
        source: z.literal('organization_fields'),
        mapping: mapping('key of an organization field').describe(
          'Fields of the one entitlement of each organization; the status field says whether it has one.',
        ),
      }),
    ])
    .optional()
    .describe('Where entitlements are kept; left out: nowhere.'),
  escalation_tag: z.string().optional().describe('Tag of a ticket that is escalated. Zendesk has no status for it.'),
  metrics: z.boolean().default(false).describe('Read ticket metrics too: when a ticket was solved.'),
  organization_merges: z
    .boolean()
    .default(false)
    .describe('Ask for every deleted organization whether it was merged into another: one call each.'),
  webhook: hookSchema('Signing secret of the webhook.')
    .optional()
    .describe('Webhooks of the platform to /hooks/<platform>; left out: none is let in.'),
  write: z
    .strictObject({
      hold_tag: z
        .string()
        .regex(/^\S+$/)
        .optional()
        .describe('Tag of an organization on hold, where no organization field holds credit_hold.'),
    })
    .optional()
    .describe(
      'Allows approved plans to write to this account; `{}` for the defaults. Needs the scope `write`. Left out: it is only read.',
    ),
  since: z.iso.date().default('2005-01-01').describe('First day that the exports begin with.'),
})

export type ZendeskConfig = z.output<typeof configSchema>
export type Mapping = ZendeskConfig['organization']

export function baseOf(config: ZendeskConfig): string {
  return config.base_url ?? `https://${config.subdomain}.zendesk.com`
}
