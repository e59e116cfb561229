/** Settings of a Zuora tenant: where it is, how to sign in, and what its own fields mean. */
import { z } from 'zod'
import { signatureSchema } from '../declared-signature.ts'
import { secret } from '../secret.ts'

/** Name of a member, or a path of them through what is expanded (`billTo.workEmail`, `ratePlans.0.name`). */
const path = z
  .string()
  .regex(/^[A-Za-z]\w*(\.\w+){0,5}$/, 'write the name of a field such as CrmId, or a path such as billTo.workEmail')

export const OBJECT_NAMES = [
  'accounts',
  'contacts',
  'product-rate-plans',
  'orders',
  'subscriptions',
  'invoices',
  'payments',
  'credit-memos',
] as const
export type ObjectName = (typeof OBJECT_NAMES)[number]

const object = z.strictObject({
  fields: z
    .record(z.string(), path)
    .default({})
    .describe('Canonical field → field of the object (`domain: Website__c`); adds to or replaces what is shipped.'),
  refs: z
    .record(z.string(), path)
    .default({})
    .describe('Platform name or role → field that holds its id (`salesforce: CrmId`).'),
  expand: z
    .array(z.string().regex(/^[a-z]+(\.[a-z]+){0,3}$/))
    .default([])
    .describe('Further related objects to read with each row, as the API names them.'),
})
export type ObjectConfig = z.output<typeof object>

export const config = z.strictObject({
  base_url: z
    .url()
    .default('https://rest.zuora.com')
    .describe('Address of the REST API of the data centre: https://rest.zuora.com, https://rest.eu.zuora.com, ….'),
  ui_url: z.url().default('https://www.zuora.com').describe('Address of the screens, for links to records.'),
  client_id: z.string().min(1).describe('Client id of the OAuth client of an API user.'),
  client_secret: secret('Client secret of the OAuth client.').describe('Client secret of the OAuth client.'),
  entity_id: z.string().min(1).optional().describe('Entity to read, in tenants with several (Zuora-Entity-Ids).'),
  org_ids: z.array(z.string().min(1)).optional().describe('Organisations to read, in tenants with several.'),
  index_lag_seconds: z
    .number()
    .int()
    .min(0)
    .max(86_400)
    .default(300)
    .describe('How late a committed change may show up in queries: each run reads this much again.'),
  expired_subscriptions: z
    .enum(['old_version', 'state'])
    .default('old_version')
    .describe(
      'What `Expired` means where a row does not say whether it is the latest version: an older version, which is left out, or a state.',
    ),
  objects: z
    .partialRecord(z.enum(OBJECT_NAMES), object)
    .default({})
    .describe('Object → what its fields mean here, beyond what is shipped.'),
  skip: z
    .array(z.enum(OBJECT_NAMES))
    .default([])
    .describe(
      'Objects that this tenant does not use: `credit-memos` without Invoice Settlement, `orders` without Orders.',
    ),
  webhook: signatureSchema
    .optional()
    .describe('How callouts to /hooks/<platform> prove themselves; left out: none is let in.'),
  write: z
    .strictObject({
      first_name: z
        .string()
        .min(1)
        .default('Accounts')
        .describe('First name of the contact that a new account must have.'),
      last_name: z.string().min(1).default('Payable').describe('Last name of that contact.'),
      country: z.string().min(2).optional().describe('Its country, where the record itself names none.'),
      cancellation: z
        .enum(['EndOfCurrentTerm', 'EndOfLastInvoicePeriod'])
        .default('EndOfCurrentTerm')
        .describe('When a cancelled subscription ends.'),
    })
    .optional()
    .describe('Allows approved plans to write to this tenant: `{}`. Left out: it is only read.'),
})
export type ZuoraConfig = z.output<typeof config>
