/** Settings of a PostgreSQL database: how it is reached, and what its tables mean. */
import { z } from 'zod'
import { secret } from '../secret.ts'
import { warehouseKeys } from '../warehouse.ts'

export const config = z.strictObject({
  host: z
    .string()
    .regex(/^[A-Za-z0-9.:_-]+$/, 'write a host name or an IP address, without a port')
    .describe('Host name or IP address of the server, or of the pooler in front of it.'),
  port: z.number().int().min(1).max(65_535).default(5432).describe('Port that it listens on.'),
  database: z.string().min(1).describe('Name of the database.'),
  user: z.string().min(1).describe('Role that we sign in as; it needs to read and nothing else.'),
  password: secret('Password of the role.'),
  tls: z
    .enum(['verify', 'off'])
    .default('verify')
    .describe('verify: encrypted, and the certificate must be good. off: only with allow_private_network.'),
  ca: z
    .string()
    .optional()
    .describe(
      'PEM certificate of the authority that signed the server’s, where it is none that everybody trusts (${file:/path}).',
    ),
  ...warehouseKeys,
})

export type PostgresConfig = z.output<typeof config>
