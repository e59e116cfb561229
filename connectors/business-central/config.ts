/** Settings of a Business Central company. */
import { z } from 'zod'
import { noticeRules } from '../notice.ts'
import { secret } from '../secret.ts'

const property = z.string().regex(/^[a-z][a-z0-9_]*$/i, 'write the name of a property of the API page')
const properties = z.record(z.string(), property).default({})

const entity = z.strictObject({
  fields: properties.describe('Canonical field → property. The configured one is then its only source.'),
  refs: properties.describe('Platform or role → property that holds that platform’s id.'),
  custom: properties.describe('Further fields → property; checks name them custom.<name>.'),
  key: property
    .optional()
    .describe('Property for our key in records that we make; left out: they are made by an id of `refs`.'),
})

export const ENTITY_NAMES = [
  'customers',
  'items',
  'salesOrders',
  'salesInvoices',
  'salesCreditMemos',
  'customerPayments',
] as const

export const configSchema = z.strictObject({
  environment: z.string().min(1).describe('Name of the environment (`Production`).'),
  company: z.guid().describe('Id of the company, a GUID from `/companies`.'),
  api: z
    .string()
    .regex(/^[\w.]+(\/[\w.]+){0,2}$/, 'write v2.0, or publisher/group/version of an API of your own')
    .default('v2.0')
    .describe('API route: `v2.0`, or `publisher/group/version` of pages of your own with further properties.'),
  base_url: z
    .url()
    .default('https://api.businesscentral.dynamics.com')
    .describe('Another address than the online service: a proxy or the laboratory.'),
  login_url: z.url().default('https://login.microsoftonline.com').describe('Address of Entra ID.'),
  tenant: z.string().min(1).describe('Entra tenant: its GUID or domain.'),
  client_id: z.string().describe('Application (client) id that is registered in Business Central.'),
  client_secret: secret('Client secret of the application.'),
  local_currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .optional()
    .describe('The company’s own currency, which Business Central leaves empty; left out: such amounts have none.'),
  customers: entity.prefault({}).describe('Customers.'),
  items: entity.prefault({}).describe('Items: products.'),
  salesOrders: entity.prefault({}).describe('Sales orders.'),
  salesInvoices: entity.prefault({}).describe('Sales invoices, drafts and posted ones.'),
  salesCreditMemos: entity.prefault({}).describe('Sales credit memos.'),
  customerPayments: entity.prefault({}).describe('Customer payments that are not yet posted from their journal.'),
  skip: z.array(z.enum(ENTITY_NAMES)).default([]).describe('Entities that are not read.'),
  links: z
    .record(z.string(), z.string().includes('{id}'))
    .default({})
    .describe('Kind → address of a record in the web client, with `{id}` for its id.'),
  webhook: z
    .strictObject({
      secrets: z
        .array(secret('Client state of the subscriptions.'))
        .min(1)
        .max(10)
        .describe('Values of clientState that are let in; several while they rotate.'),
      rules: noticeRules,
    })
    .optional()
    .describe('Notifications to /hooks/<platform>; left out: none is let in. They are unsigned and only cause a read.'),
  write: z.strictObject({}).optional().describe('Allows approved plans to write: `{}`. Left out: it is only read.'),
})

export type CentralConfig = z.output<typeof configSchema>
export type EntityConfig = CentralConfig['customers']

export const rootOf = ({ environment, company, api }: CentralConfig) =>
  `/v2.0/${encodeURIComponent(environment)}/api/${api}/companies(${company})`
