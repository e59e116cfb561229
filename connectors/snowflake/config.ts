/** Settings of a Snowflake account: how it is reached, who pays for the statements, and what its tables mean. */
import { z } from 'zod'
import { secret } from '../secret.ts'
import { warehouseKeys } from '../warehouse.ts'

const auth = z.discriminatedUnion('flow', [
  z.strictObject({
    flow: z.literal('key_pair'),
    user: z.string().min(1).describe('User whose public key was set with ALTER USER … SET RSA_PUBLIC_KEY.'),
    private_key: secret('The private key that belongs to it, as an unencrypted PEM file.'),
  }),
  z.strictObject({
    flow: z.literal('token'),
    kind: z
      .enum(['PROGRAMMATIC_ACCESS_TOKEN', 'OAUTH'])
      .default('PROGRAMMATIC_ACCESS_TOKEN')
      .describe('What the token is.'),
    token: secret('The token.'),
  }),
])

export const config = z.strictObject({
  account: z
    .string()
    .regex(/^[A-Za-z0-9_.-]+$/, 'write the account’s identifier, like myorg-myaccount')
    .describe('Identifier of the account (`myorg-myaccount`, or a locator with its region).'),
  url: z
    .url()
    .optional()
    .describe('Address of the account where it is not <account>.snowflakecomputing.com (private links).'),
  auth: auth.describe('How we sign in.'),
  role: z.string().min(1).optional().describe('Role that reads; default: that of the user.'),
  warehouse: z
    .string()
    .min(1)
    .describe('Warehouse that runs the statements; a small one that suspends by itself is enough.'),
  database: z.string().min(1).optional().describe('Database of tables that are named without one.'),
  schema: z.string().min(1).optional().describe('Schema of tables that are named without one.'),
  ...warehouseKeys,
})

export type SnowflakeConfig = z.output<typeof config>

/** Hosts may not hold underscores. */
export function addressOf({ url, account }: Pick<SnowflakeConfig, 'url' | 'account'>): string {
  return url ?? `https://${account.toLowerCase().replaceAll('_', '-')}.snowflakecomputing.com`
}
