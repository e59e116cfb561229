/** Settings of a HubSpot platform: how to sign in, which objects are read, and what the account's own properties mean. */
import { z } from 'zod'
import { hasKind } from '../../model/kinds.ts'
import { secret } from '../secret.ts'
import { hookSchema } from '../signature.ts'

/** Internal names are the only ones that reach a filter or an address. */
const property = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,99}$/, 'write the internal name of a property, such as hs_quote_number')
const objectName = z
  .string()
  .regex(/^([a-z][a-z_]{1,60}|\d-\d{1,12})$/, 'write the API name of an object, such as companies or 2-1234567')

const auth = z.discriminatedUnion('flow', [
  z
    .strictObject({
      flow: z.literal('private_app'),
      access_token: secret('Access token of the private app.'),
    })
    .describe('A private app of this account: one token that is good until it is rotated.'),
  z
    .strictObject({
      flow: z.literal('refresh_token'),
      client_id: z.string().min(1).describe('Client id of the app.'),
      client_secret: secret('Client secret of the app.'),
      refresh_token: secret('Refresh token that a person left by giving consent once.'),
    })
    .describe('A public app: a person gave consent once; access tokens live half an hour.'),
])

const association = z.strictObject({
  to: objectName.describe('Object that is pointed to (companies).'),
  type: z
    .int()
    .positive()
    .describe('Number of the association type that counts first, and that new links get (5: primary).'),
})

const object = z.strictObject({
  kind: z
    .string()
    .refine(hasKind, 'there is no such canonical kind')
    .optional()
    .describe('Canonical kind; needed for objects that the connector does not know (custom objects).'),
  fields: z
    .record(z.string(), property)
    .default({})
    .describe('Canonical field → property; adds to or replaces what is shipped.'),
  refs: z
    .record(z.string(), property)
    .default({})
    .describe(
      'Platform name or role → property that holds its id (netsuite: netsuite_id). Unique ones can be created by.',
    ),
  associations: z
    .record(z.string(), association)
    .default({})
    .describe('Canonical reference → association; adds to or replaces what is shipped.'),
  status: property.optional().describe('Property whose word becomes the state through a reference map.'),
  key: property
    .optional()
    .describe(
      'Text property with unique values that takes our key (plumbline_key): what is made here can be found again.',
    ),
  read_only: z.array(property).default([]).describe('Properties that are never written.'),
})
export type ObjectConfig = z.output<typeof object>

export const config = z.strictObject({
  base_url: z.url().default('https://api.hubapi.com').describe('Address of the API.'),
  auth: auth.describe('How to sign in.'),
  objects: z.record(objectName, object).default({}).describe('Object → what it means here. Naming an object reads it.'),
  skip: z.array(objectName).default([]).describe('Objects that are read by default but not in this account.'),
  currency: z.string().length(3).optional().describe('Currency of amounts that carry none of their own.'),
  archived_minutes: z
    .int()
    .min(0)
    .max(1440)
    .default(0)
    .describe('Shortest time between two readings of the list of archived records, in minutes; 0: in every run.'),
  portal_id: z.string().regex(/^\d+$/).optional().describe('Account id, for links into HubSpot.'),
  ui_url: z.url().default('https://app.hubspot.com').describe('Address of the screens (https://app-eu1.hubspot.com).'),
  webhook: hookSchema('Client secret of the app that sends.')
    .extend({
      url: z.url().describe('Target address exactly as it is registered with HubSpot: the signature covers it.'),
    })
    .optional()
    .describe('Webhooks to /hooks/<platform>; left out: none is let in.'),
  write: z
    .strictObject({})
    .optional()
    .describe('Allows approved plans to write to this account: `{}`. Left out: it is only read.'),
})
export type HubspotConfig = z.output<typeof config>
