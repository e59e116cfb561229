/** Settings of an Oracle Fusion Cloud environment: where it is, how to sign in, which business units are read, and what its resources mean. */
import { z } from 'zod'
import { hasKind } from '../../model/kinds.ts'
import { secret } from '../secret.ts'

const attribute = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]*$/, 'write the name of an attribute, such as OrganizationName')
const attributes = z.record(z.string(), attribute).default({})

const resource = z.strictObject({
  kind: z
    .string()
    .refine(hasKind, 'there is no such canonical kind')
    .optional()
    .describe('Canonical kind; needed for resources that the connector does not know.'),
  path: z
    .string()
    .regex(
      /^\/(fscm|crm|hcm)RestApi\/resources\/[\w.]+\/\w+$/,
      'write a path such as /crmRestApi/resources/11.13.18.05/accounts',
    )
    .optional()
    .describe('Path of the resource; needed for resources that it does not know, and where a release moved one.'),
  key: attribute
    .optional()
    .describe('Attribute with a number that is given once and only grows: the order of reading.'),
  id: attribute.optional().describe('Attribute that other records name it by; left out: the key.'),
  fields: attributes.describe('Canonical field → attribute; adds to or replaces what is shipped.'),
  refs: attributes.describe('Platform or role → attribute that holds that platform’s id (SalesforceId_c).'),
  custom: attributes.describe('Further fields → attribute; checks name them custom.<name>.'),
  own_key: attribute
    .optional()
    .describe('Attribute for our key in records that we make; left out: they are made by an id of `refs`.'),
  status: attribute.optional().describe('Attribute whose word becomes the state through a reference map.'),
  business_unit: attribute.optional().describe('Attribute that `business_units` is compared with.'),
  effective: z
    .strictObject({
      from: attribute.default('EffectiveStartDate').describe('First day of the row.'),
      to: attribute.default('EffectiveEndDate').describe('Last day of the row.'),
    })
    .optional()
    .describe(
      'Rows are dated: the one in force today is read, and the resource is read whole, for a day turns without a change.',
    ),
  writable: z.array(attribute).optional().describe('Attributes that may be written, instead of what is shipped.'),
})
export type ResourceConfig = z.output<typeof resource>

const oauth = z.strictObject({
  type: z.literal('oauth').describe('OAuth 2.0 client credentials of the identity domain.'),
  token_url: z.url().describe('Token endpoint, https://idcs-….identity.oraclecloud.com/oauth2/v1/token.'),
  client_id: z.string().min(1).describe('Client id of the confidential application.'),
  client_secret: secret('Its client secret.'),
  scope: z.string().min(1).describe('Scope of the Fusion application (urn:opc:resource:…).'),
})
const basic = z.strictObject({
  type: z.literal('basic').describe('Integration user with a password.'),
  user: z.string().min(1).describe('User name.'),
  password: secret('Its password.'),
})

export const configSchema = z.strictObject({
  url: z.url().describe('Address of the environment, https://acme.fa.em2.oraclecloud.com.'),
  auth: z.discriminatedUnion('type', [oauth, basic]).describe('How to sign in.'),
  framework_version: z
    .int()
    .min(3)
    .max(9)
    .default(4)
    .describe('REST-Framework-Version that is asked for; without one the server picks what it likes.'),
  business_units: z
    .array(
      z
        .string()
        .min(1)
        .regex(/^[^'";]+$/, 'a business unit has no quotes or semicolons'),
    )
    .default([])
    .describe('Only these business units, by name: orders, invoices, credit memos and receipts of them.'),
  order_total: z
    .string()
    .regex(/^\w+$/)
    .default('QP_TOTAL_NET_PRICE')
    .describe('Code of the total that is the net amount of a sales order.'),
  resources: z
    .record(z.string().regex(/^[A-Za-z]\w*$/), resource)
    .default({})
    .describe('Resource → what it means here. Naming a resource reads it.'),
  skip: z.array(z.string()).default([]).describe('Streams that are read by default but not in this environment.'),
  rescan_minutes: z
    .int()
    .min(5)
    .max(1440)
    .default(30)
    .describe('How often a resource with dated rows is read whole, in minutes.'),
  links: z
    .record(z.string(), z.string().includes('{id}'))
    .default({})
    .describe('Kind → address of a record in the application, with `{id}` for its id.'),
  write: z.strictObject({}).optional().describe('Allows approved plans to write: `{}`. Left out: it is only read.'),
})

export type FusionConfig = z.output<typeof configSchema>
