/** Settings of a ServiceNow instance. */
import { z } from 'zod'
import { secret } from '../secret.ts'

const column = z.string().regex(/^[a-z_][a-z0-9_]*$/i, 'write the column name of the table, such as u_segment')
const columns = z.record(z.string(), column).default({})

const table = z.strictObject({
  table: column.optional().describe('Another table than the usual one, such as `core_company` without CSM.'),
  query: z
    .string()
    .regex(/^(?!.*\^(NQ|ORDERBY|GROUPBY)).*$/, 'conditions only: neither ^NQ nor ^ORDERBY')
    .optional()
    .describe('Encoded query that narrows the rows (`active=true`).'),
  fields: columns.describe('Canonical field → column. The configured column is then the only source of it.'),
  without: z
    .array(z.string())
    .default([])
    .describe('Canonical fields that the usual columns hold and this table does not.'),
  refs: columns.describe('Platform or role → column that holds that platform’s id.'),
  custom: columns.describe('Further fields → column; checks name them custom.<name>.'),
  status: column
    .optional()
    .describe('The column that holds the status word; left out: the usual one, where there is one.'),
  key: column
    .optional()
    .describe('Column for our key in records that we make; left out: they are made by an id of `refs`.'),
})

export const STREAM_NAMES = ['accounts', 'contacts', 'cases', 'entitlements', 'contracts'] as const

export const configSchema = z.strictObject({
  instance: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/i, 'write only the part before .service-now.com')
    .describe('The part of the address before `.service-now.com`.'),
  base_url: z
    .url()
    .optional()
    .describe('Another address than https://<instance>.service-now.com: a proxy or the laboratory.'),
  auth: z
    .discriminatedUnion('flow', [
      z.strictObject({
        flow: z.literal('client_credentials'),
        client_id: z.string().describe('Client id of an OAuth API endpoint whose user is the integration user.'),
        client_secret: secret('Secret of the OAuth endpoint.'),
        scope: z.string().optional().describe('Scope asked for; left out: the endpoint’s own.'),
      }),
      z.strictObject({
        flow: z.literal('basic'),
        username: z.string().describe('Integration user.'),
        password: secret('Its password.'),
      }),
    ])
    .describe('How we sign in: an OAuth client (better), or an integration user with a password.'),
  accounts: table.prefault({}).describe('Customers; usually `customer_account`.'),
  contacts: table.prefault({}).describe('Contacts; usually `customer_contact`.'),
  cases: table.prefault({}).describe('Cases; usually `sn_customerservice_case`.'),
  entitlements: table.prefault({}).describe('Entitlements; usually `service_entitlement`.'),
  contracts: table.prefault({}).describe('Contracts; usually `ast_contract`.'),
  skip: z
    .array(z.enum(STREAM_NAMES))
    .default([])
    .describe('Streams that are not read: a plugin that is not installed.'),
  audit_deletes: z
    .boolean()
    .default(false)
    .describe('Read `sys_audit_delete` too: deletions of audited tables are then known before the next sweep.'),
  write: z
    .strictObject({})
    .optional()
    .describe('Allows approved plans to write to this instance: `{}`. Left out: it is only read.'),
})

export type ServiceNowConfig = z.output<typeof configSchema>
export type TableConfig = ServiceNowConfig['accounts']

export function baseOf(config: Pick<ServiceNowConfig, 'base_url' | 'instance'>): string {
  return config.base_url ?? `https://${config.instance}.service-now.com`
}
