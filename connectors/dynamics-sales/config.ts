/** Settings of a Dataverse environment: where it is, how to sign in, and what its own tables and columns mean. */
import { z } from 'zod'
import { hasKind } from '../../model/kinds.ts'
import { secret } from '../secret.ts'

/** Logical names are the only ones that reach an address or a filter; lookups are written `_name_value`. */
const column = z
  .string()
  .regex(/^(_[a-z][a-z0-9_]*_value|[a-z][a-z0-9_]*)$/, 'write the logical name of a column, such as new_vatnumber')
const tableName = z.string().regex(/^[a-z][a-z0-9_]*$/, 'write the entity set name of a table, such as salesorders')

const table = z.strictObject({
  kind: z
    .string()
    .refine(hasKind, 'there is no such canonical kind')
    .optional()
    .describe('Canonical kind; needed for tables that the connector does not know.'),
  logical_name: column.optional().describe('Logical name of a table of your own (new_subscription).'),
  fields: z
    .record(z.string(), column)
    .default({})
    .describe('Canonical field → column; adds to or replaces what is shipped.'),
  refs: z
    .record(z.string(), column)
    .default({})
    .describe('Platform name or role → column that holds its id. To create by it, it must be an alternate key.'),
  status: column
    .optional()
    .describe('Column whose number or word becomes the state through a reference map; default statuscode.'),
  key: column
    .optional()
    .describe(
      'Text column that is an alternate key and takes our key (new_plumblinekey): what is made here can be found again.',
    ),
  changes: z
    .enum(['delta', 'modifiedon'])
    .default('delta')
    .describe(
      'How changes are read: by change tracking, or by the change stamp where the table has no change tracking.',
    ),
  read_only: z.array(column).default([]).describe('Columns that are never written.'),
})
export type TableConfig = z.output<typeof table>

export const config = z.strictObject({
  url: z.url().describe('Address of the environment, https://acme.crm4.dynamics.com.'),
  api_version: z
    .string()
    .regex(/^\d\.\d$/, 'write a version such as 9.2')
    .default('9.2')
    .describe('Version of the Web API.'),
  auth: z
    .strictObject({
      tenant_id: z.string().min(1).describe('Directory (tenant) id at Entra.'),
      client_id: z.string().min(1).describe('Application (client) id.'),
      client_secret: secret('Client secret of the application.'),
      login_url: z.url().default('https://login.microsoftonline.com').describe('Address of the sign-in service.'),
    })
    .describe('Entra client credentials; the environment needs an application user for the client id.'),
  tables: z.record(tableName, table).default({}).describe('Entity set → what it means here. Naming a table reads it.'),
  skip: z.array(tableName).default([]).describe('Tables that are read by default but not in this environment.'),
  currency: z.string().length(3).optional().describe('Currency of amounts in rows that name none.'),
  webhook: z
    .strictObject({
      header: z
        .string()
        .regex(/^[A-Za-z0-9-]{1,100}$/, 'write a header name like x-plumbline-key')
        .transform((name) => name.toLowerCase())
        .default('x-plumbline-key')
        .describe('Header that carries the secret, as registered for the service endpoint.'),
      secrets: z
        .array(secret('Value of the header.'))
        .min(1)
        .max(10)
        .describe('Values that are let in; several while they rotate.'),
    })
    .optional()
    .describe('Webhooks to /hooks/<platform>; left out: none is let in. They come by token and only cause a read.'),
  write: z
    .strictObject({})
    .optional()
    .describe('Allows approved plans to write to this environment: `{}`. Left out: it is only read.'),
})
export type DynamicsConfig = z.output<typeof config>
