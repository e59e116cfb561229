/** Settings of an S/4HANA system: where it is, how to sign in, which company of it is read, and what its own fields mean. */
import { z } from 'zod'
import { noticeSchema } from '../notice.ts'
import { secret } from '../secret.ts'

const property = z
  .string()
  .regex(/^(to_[A-Za-z]+\/)?[A-Za-z][A-Za-z0-9_]*$/, 'write the name of a property, or to_Navigation/Property')
const properties = z.record(z.string(), property).default({})
const code = z.string().regex(/^[A-Za-z0-9]{1,4}$/, 'write a code of up to four characters')

const set = z.strictObject({
  fields: properties.describe(
    'Canonical field → property. The configured one is then its only source; it is only read.',
  ),
  refs: properties.describe('Platform or role → property that holds that platform’s id (YY1_SalesforceID_bus).'),
  custom: properties.describe('Further fields → property; checks name them custom.<name>.'),
  key: property
    .optional()
    .describe('Property for our key in records that we make; left out: they are made by an id of `refs`.'),
  status: property
    .optional()
    .describe('Property whose word becomes the state, instead of what the connector works out.'),
})

export const STREAMS = [
  'customers',
  'products',
  'quotations',
  'orders',
  'contracts',
  'invoices',
  'credits',
  'payments',
] as const
export type StreamName = (typeof STREAMS)[number]

const oauth = z.strictObject({
  type: z.literal('oauth').describe('OAuth 2.0 client credentials.'),
  token_url: z.url().describe('Address of the token endpoint, as the communication arrangement shows it.'),
  client_id: z.string().min(1).describe('Client id: the communication user.'),
  client_secret: secret('Password of the communication user.'),
  scope: z.string().optional().describe('Scopes, separated by spaces; left out: those of the arrangement.'),
})
const basic = z.strictObject({
  type: z.literal('basic').describe('Communication user with a password.'),
  user: z.string().min(1).describe('Communication user.'),
  password: secret('Its password.'),
})

export const configSchema = z.strictObject({
  base_url: z.url().describe('API address of the tenant, https://my300000-api.s4hana.cloud.sap.'),
  ui_url: z.url().optional().describe('Address of the Fiori launchpad, for links to records.'),
  client: z
    .string()
    .regex(/^\d{3}$/)
    .optional()
    .describe('Client (mandant) of a system that has several: sent as sap-client.'),
  auth: z.discriminatedUnion('type', [oauth, basic]).describe('How to sign in; writing also fetches a CSRF token.'),
  api_key: secret('Key of the vendor’s sandbox, sent as APIKey.').optional(),
  company_code: code.optional().describe('Only this company code: billing documents and payments of it.'),
  sales_organizations: z
    .array(code)
    .default([])
    .describe('Only these sales organizations: quotations, orders, contracts and billing documents of them.'),
  language: z.string().length(2).default('EN').describe('Language of product names, as SAP writes it.'),
  sales_order_api: z
    .enum(['v2', 'v4'])
    .default('v2')
    .describe('Sales orders by API_SALES_ORDER_SRV (OData V2) or CE_SALESORDER_0001 (OData V4).'),
  invoice_categories: z
    .array(code)
    .min(1)
    .default(['M', 'P'])
    .describe('Document categories (SDDocumentCategory) of billing documents that are invoices.'),
  credit_categories: z
    .array(code)
    .min(1)
    .default(['O'])
    .describe('Document categories of billing documents that are credit memos.'),
  payment_types: z
    .array(code)
    .min(1)
    .default(['DZ'])
    .describe('Types of journal entries (AccountingDocumentType) that are incoming payments.'),
  ledger: code
    .default('0L')
    .describe('Ledger that payments are read from: every ledger has its own line of one payment.'),
  customers: set.prefault({}).describe('Business partners that are customers.'),
  products: set.prefault({}).describe('Products.'),
  quotations: set.prefault({}).describe('Sales quotations.'),
  orders: set.prefault({}).describe('Sales orders.'),
  contracts: set.prefault({}).describe('Sales contracts.'),
  invoices: set.prefault({}).describe('Billing documents that are invoices.'),
  credits: set.prefault({}).describe('Billing documents that are credit memos.'),
  payments: set.prefault({}).describe('Journal entry items of customers that are incoming payments.'),
  skip: z.array(z.enum(STREAMS)).default([]).describe('Streams that are not read.'),
  links: z
    .record(z.string(), z.string().includes('{id}'))
    .default({})
    .describe('Kind → address of a record, with `{id}` for its id, where `ui_url` leads elsewhere.'),
  webhook: noticeSchema
    .extend({
      sources: z
        .array(z.string().min(1))
        .default(['*'])
        .describe('`source` of the events that are of this system; `*` at the end stands for anything.'),
      origins: z
        .array(z.string())
        .default(['*'])
        .describe('`WebHook-Request-Origin` of brokers that may deliver; `*` for all.'),
    })
    .optional()
    .describe('Enterprise events that a broker pushes to /hooks/<platform>; left out: none is let in.'),
  write: z
    .strictObject({
      grouping: code
        .optional()
        .describe('Grouping of business partners that are made; left out: the system’s default.'),
      roles: z
        .array(z.string().min(1))
        .default(['FLCU00', 'FLCU01'])
        .describe('Roles of business partners that are made.'),
      customer_block: code.default('01').describe('Order block of a customer on hold.'),
      order_block: code.default('01').describe('Delivery block of an order on hold.'),
    })
    .optional()
    .describe('Allows approved plans to write: `{}`. Left out: it is only read.'),
})

export type SapConfig = z.output<typeof configSchema>
export type SetConfig = SapConfig['customers']
