/** Settings of a Salesforce platform: where the org is, how to sign in, and what its own fields mean. */
import { z } from 'zod'
import { hasKind } from '../../model/kinds.ts'
import { secret } from '../secret.ts'

/** An API name, or a path of them through relationships (`Owner.Name`): the only shapes that reach a SOQL text. */
export const PATH = /^[A-Za-z]\w*(\.[A-Za-z]\w*){0,4}$/
export const OBJECT = /^[A-Za-z]\w*$/

const path = z.string().regex(PATH, 'write the API name of a field, or a path such as Owner.Name')
const objectName = z.string().regex(OBJECT, 'write the API name of an object, such as Account or Invoice__c')

const auth = z.discriminatedUnion('flow', [
  z
    .strictObject({
      flow: z.literal('client_credentials'),
      client_id: z.string().min(1).describe('Consumer key of the connected app.'),
      client_secret: secret('Consumer secret of the connected app.'),
    })
    .describe('The connected app signs in as its run-as user.'),
  z
    .strictObject({
      flow: z.literal('jwt'),
      client_id: z.string().min(1).describe('Consumer key of the connected app.'),
      username: z.string().min(1).describe('User to sign in as; must be pre-authorised for the app.'),
      private_key: secret('PEM of the private key whose certificate the app holds.'),
      audience: z.url().default('https://login.salesforce.com').describe('https://test.salesforce.com for sandboxes.'),
    })
    .describe('JWT bearer: a signed assertion instead of a password.'),
  z
    .strictObject({
      flow: z.literal('refresh_token'),
      client_id: z.string().min(1).describe('Consumer key of the connected app.'),
      client_secret: secret('Consumer secret of the connected app.'),
      refresh_token: secret('Refresh token that a person left by giving consent once.'),
    })
    .describe('A person gave consent once.'),
])

const object = z.strictObject({
  kind: z
    .string()
    .refine(hasKind, 'there is no such canonical kind')
    .optional()
    .describe('Canonical kind; needed for objects that the connector does not know (Invoice__c, Subscription__c).'),
  fields: z
    .record(z.string(), path)
    .default({})
    .describe('Canonical field → field of the object; adds to or replaces what is shipped.'),
  refs: z
    .record(z.string(), path)
    .default({})
    .describe('Platform name or role → external-id field that holds its id (netsuite: NetSuite_Id__c).'),
  status: path
    .optional()
    .describe('Field whose word becomes the state through a reference map; default Status, StageName or Type.'),
  also: z.array(path).default([]).describe('Further fields to read, for custom mappings in plumbline.yaml.'),
  key: objectName
    .optional()
    .describe(
      'Text field flagged as external id and unique that takes our key (Plumbline_Key__c): what is made here can then be found again. Without it, the first of `refs` serves.',
    ),
  read_only: z
    .array(objectName)
    .default([])
    .describe('Fields of the object that are never written, beyond those that Salesforce computes.'),
  where: z
    .string()
    .min(1)
    .optional()
    .describe("SOQL condition on which rows to read (RecordType.DeveloperName = 'Customer')."),
})
export type ObjectConfig = z.output<typeof object>

export const config = z.strictObject({
  instance_url: z.url().describe('My Domain address of the org, https://acme.my.salesforce.com.'),
  api_version: z
    .string()
    .regex(/^\d{2}\.0$/, 'write a version such as 66.0')
    .default('66.0')
    .describe('Version of the REST API.'),
  auth: auth.describe('How to sign in.'),
  objects: z.record(objectName, object).default({}).describe('Object → what it means here. Naming an object reads it.'),
  skip: z.array(objectName).default([]).describe('Objects that are read by default but not in this org.'),
  bulk: z
    .strictObject({
      from: z
        .number()
        .int()
        .min(1)
        .default(20_000)
        .describe('Rows from which a first load or a sweep is left to a query job of Bulk API 2.0.'),
    })
    .nullable()
    .prefault({})
    .describe('Query jobs of Bulk API 2.0 for first loads and sweeps; null: everything is read in pages.'),
  outbound: z
    .strictObject({
      organization_id: z
        .string()
        .regex(/^00D[A-Za-z0-9]{12,15}$/, 'write the organisation id, such as 00D5g000004AbCdEFG')
        .describe('Id of the organisation whose messages are let in.'),
    })
    .optional()
    .describe(
      'Outbound messages to /hooks/<platform>; left out: none is let in. They are unsigned and only cause a read.',
    ),
  write: z
    .strictObject({})
    .optional()
    .describe('Allows approved plans to write to this org: `{}`. Left out: it is only read.'),
  currency: z.string().length(3).optional().describe('Currency of all amounts in an org without multiple currencies.'),
})
export type SalesforceConfig = z.output<typeof config>

export const root = (config: SalesforceConfig): string => `/services/data/v${config.api_version}`
