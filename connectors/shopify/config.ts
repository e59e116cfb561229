/** Settings of a Shopify shop: how to sign in, what its objects mean here, and what approved plans may do. */
import { z } from 'zod'
import { secret } from '../secret.ts'
import { hookSchema } from '../signature.ts'

/** `poNumber`, `defaultAddress.company`, or a metafield as `metafield.<namespace>.<key>`; reaches the query as it is written. */
const path = z
  .string()
  .regex(
    /^(metafield\.[\w-]{3,255}\.[\w-]{2,64}|(?!metafield\.)[a-z]\w*(\.[A-Za-z]\w*){0,6})$/,
    'write a field of the object such as poNumber, or metafield.<namespace>.<key>',
  )
const metafield = path.regex(/^metafield\./, 'write metafield.<namespace>.<key>')

export const OBJECT_NAMES = [
  'customers',
  'companies',
  'variants',
  'draft_orders',
  'draft_lines',
  'orders',
  'lines',
  'transactions',
  'refunds',
  'fulfillments',
  'subscription_contracts',
] as const
export type ObjectName = (typeof OBJECT_NAMES)[number]

const object = z.strictObject({
  fields: z
    .record(z.string(), path)
    .default({})
    .describe('Canonical field → field or metafield (`segment: metafield.custom.segment`); replaces what is shipped.'),
  without: z.array(z.string()).default([]).describe('Canonical fields that are shipped and do not mean this here.'),
  refs: z
    .record(z.string(), path)
    .default({})
    .describe('Platform name or role → field or metafield that holds its id (`erp: metafield.custom.erp_id`).'),
  custom: z.record(z.string(), path).default({}).describe('Further fields; checks name them custom.<name>.'),
  status: path.optional().describe('Field or metafield whose word becomes the state through a reference map.'),
  key: metafield
    .optional()
    .describe('Metafield of type ID (unique values) that takes our key: what is made here can be found again.'),
})
export type ObjectConfig = z.output<typeof object>

const auth = z.discriminatedUnion('flow', [
  z
    .strictObject({
      flow: z.literal('token'),
      access_token: secret('Admin API access token of the app in this shop.'),
    })
    .describe('A custom app of this shop: one token that is good until it is revoked.'),
  z
    .strictObject({
      flow: z.literal('client_credentials'),
      client_id: z.string().min(1).describe('Client id of the app.'),
      client_secret: secret('Client secret of the app.'),
    })
    .describe('An app of the organisation that owns the shop: tokens live a day and are asked for by themselves.'),
])

export const config = z.strictObject({
  base_url: z.url().describe('Address of the shop, as https://<shop>.myshopify.com.'),
  api_version: z
    .string()
    .regex(/^\d{4}-(01|04|07|10)$/, 'write a version as 2026-01')
    .default('2026-01')
    .describe('Version of the Admin API. Shopify answers one that it no longer knows with the oldest that it does.'),
  auth: auth.describe('How to sign in.'),
  customer_is: z
    .enum(['customer', 'contact'])
    .default('customer')
    .describe('What a Shopify customer is: who buys, or in a shop for companies a person of one.'),
  objects: z
    .partialRecord(z.enum(OBJECT_NAMES), object)
    .default({})
    .describe('Object → what it means here. Naming `companies` or `subscription_contracts` reads them.'),
  skip: z.array(z.enum(OBJECT_NAMES)).default([]).describe('Objects that are not read.'),
  holds: z
    .boolean()
    .default(false)
    .describe('Reads why fulfilment of an order is held; needs a scope for fulfilment orders.'),
  test_orders: z.boolean().default(false).describe('Reads test orders too.'),
  bulk: z
    .strictObject({
      from: z
        .number()
        .int()
        .min(1)
        .default(10_000)
        .describe('Rows from which a first load or a sweep is left to a bulk operation.'),
      host: z
        .string()
        .min(1)
        .default('storage.googleapis.com')
        .describe('Host of the files that bulk operations write.'),
    })
    .nullable()
    .prefault({})
    .describe('Bulk operations for first loads and sweeps; null: everything is read in pages.'),
  webhook: hookSchema('Client secret of the app that sends.')
    .extend({
      tolerance: z
        .number()
        .int()
        .min(1)
        .max(172_800)
        .default(172_800)
        .describe(
          'How far X-Shopify-Triggered-At may lie before or after now, in seconds: deliveries may be a day late.',
        ),
      shop_domain: z
        .string()
        .min(1)
        .optional()
        .describe('Domain as X-Shopify-Shop-Domain names it: one app may send for several shops with one secret.'),
    })
    .optional()
    .describe('Webhooks to /hooks/<platform>; left out: none is let in.'),
  write: z
    .strictObject({
      cancel_reason: z
        .enum(['CUSTOMER', 'DECLINED', 'FRAUD', 'INVENTORY', 'STAFF', 'OTHER'])
        .default('OTHER')
        .describe('Reason that a cancelled order shows.'),
      refund: z.boolean().default(false).describe('Cancelling an order gives the money back.'),
      restock: z.boolean().default(true).describe('Cancelling an order puts its goods back.'),
      notify_customer: z.boolean().default(false).describe('Cancelling an order tells the customer.'),
    })
    .optional()
    .describe('Allows approved plans to write to this shop: `{}`. Left out: it is only read.'),
})
export type ShopifyConfig = z.output<typeof config>
/** What decides which objects are read and what they mean. */
export type Meaning = Pick<ShopifyConfig, 'objects' | 'skip' | 'customer_is' | 'holds'>
