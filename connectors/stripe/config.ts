/** Settings of a Stripe account. */
import { z } from 'zod'
import { secret } from '../secret.ts'
import { hookSchema } from '../signature.ts'

const metadataKey = z.string().min(1).max(40)

const write = z.strictObject({
  collection: z
    .enum(['send_invoice', 'charge_automatically'])
    .default('send_invoice')
    .describe('How subscriptions and invoices that are made here are collected.'),
  days_until_due: z
    .number()
    .int()
    .min(0)
    .max(365)
    .default(30)
    .describe('Days until a sent invoice is due, where nothing else says so.'),
  proration: z
    .enum(['none', 'create_prorations', 'always_invoice'])
    .default('none')
    .describe('What a changed quantity does to the running period. `none`: a correction bills nothing by itself.'),
  pause: z
    .enum(['keep_as_draft', 'void', 'mark_uncollectible'])
    .default('keep_as_draft')
    .describe('What happens to the invoices of a subscription on hold.'),
  tax_id_types: z
    .record(z.string().length(2), z.string().regex(/^[a-z]{2}_[a-z_]+$/))
    .default({})
    .describe('Country → type of tax id at Stripe, where it differs from what is built in (`US: us_ein`).'),
  key: metadataKey
    .default('plumbline_key')
    .describe('Metadata key that marks what was made here, so that it is found again after a lost reply.'),
})

export const configSchema = z.strictObject({
  key: secret(
    'Restricted key (`rk_live_…`) with read permission for the objects that are read. A secret key works too, but may do far more than reading.',
  ),
  account: z
    .string()
    .regex(/^acct_\w+$/)
    .optional()
    .describe('Connected account to read instead of the key’s own (Stripe Connect).'),
  mode: z
    .enum(['live', 'test'])
    .default('live')
    .describe('Which data the key reads. Objects of the other mode are refused by name.'),
  api_version: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}(\.[a-z]+)?$/)
    .default('2024-06-20')
    .describe('Value of `Stripe-Version`: pins the shape of every reply, whatever the account’s own default is.'),
  base_url: z
    .url()
    .default('https://api.stripe.com')
    .describe('Address of the API; another one only for a proxy or the laboratory.'),
  payments: z
    .enum(['payment_intents', 'charges'])
    .default('payment_intents')
    .describe('What is a payment: payment intents, or charges for accounts that still use the older API.'),
  products: z
    .enum(['product', 'price'])
    .default('product')
    .describe(
      'What is a product: a Stripe product with its default price, or each price by itself (one per plan, currency or interval).',
    ),
  invoice_payments: z
    .boolean()
    .default(false)
    .describe(
      'Ask `/v1/invoice_payments` which invoice a payment pays: payments do not say so themselves from API version 2025-03-31 on.',
    ),
  paused_collection: z
    .enum(['status', 'paused'])
    .default('status')
    .describe('How a subscription counts whose invoices are not collected: by its status alone, or as paused.'),
  refs: z
    .record(z.string(), metadataKey)
    .default({})
    .describe(
      'Platform or role → metadata key that holds that platform’s id, on every object (`salesforce: salesforce_id`).',
    ),
  fields: z
    .record(z.string().regex(/^[a-z_]+\.[a-z0-9_.]+$/), metadataKey)
    .default({})
    .describe(
      'Canonical `kind.field` → metadata key (`subscription.contract: contract_id`). The metadata is then the only source of the field; only `state` falls back to Stripe’s own status where the key is not set.',
    ),
  custom: z
    .record(z.string(), metadataKey)
    .default({})
    .describe('Further fields → metadata key; checks name them `custom.<name>`.'),
  exponents: z
    .record(z.string().length(3), z.number().int().min(0).max(4))
    .default({})
    .describe('Decimals of a currency in Stripe’s amounts, where they differ from what is built in (`ISK: 2`).'),
  webhook: hookSchema('Signing secret of the endpoint (`whsec_…`).')
    .optional()
    .describe('Webhooks of the platform to /hooks/<platform>; left out: none is let in.'),
  write: write
    .optional()
    .describe('Allows approved plans to write to this account; `{}` for the defaults. Left out: it is only read.'),
})

export type StripeConfig = z.output<typeof configSchema>
export type WriteConfig = z.output<typeof write>

/** Settings of writing, defaults where the section is left out. */
export function writing(config: StripeConfig): WriteConfig {
  return config.write ?? write.parse({})
}
