/** Settings of a ClickHouse server: how it is reached, and what its tables mean. */
import { z } from 'zod'
import { secret } from '../secret.ts'
import { warehouseKeys } from '../warehouse.ts'

export const config = z.strictObject({
  url: z.url().describe('Address of the HTTP interface, such as https://warehouse.example:8443.'),
  database: z.string().min(1).default('default').describe('Database of tables that are named without one.'),
  user: z.string().min(1).describe('User that we sign in as; it needs to read and nothing else.'),
  password: secret('Password of the user; left out for one without.').optional(),
  final: z
    .boolean()
    .default(true)
    .describe(
      'Rows of ReplacingMergeTree and its kin as if they were merged already; tables of other engines ignore it.',
    ),
  fixed_settings: z
    .boolean()
    .default(false)
    .describe(
      'True for a user with readonly = 1, who may not send settings: then final and statement_timeout are those of its profile.',
    ),
  ...warehouseKeys,
})

export type ClickHouseConfig = z.output<typeof config>
