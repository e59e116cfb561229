/** Settings of BigQuery: whose project pays, how we sign in, and what the tables mean. */
import { z } from 'zod'
import { ConnectorError } from '../contract.ts'
import { Secret, secret } from '../secret.ts'
import { warehouseKeys } from '../warehouse.ts'

export const config = z.strictObject({
  project: z.string().min(1).describe('Project in which the queries run, and which pays for them.'),
  location: z
    .string()
    .min(1)
    .optional()
    .describe('Where the data lies (`EU`, `europe-west3`); left out: BigQuery finds out by the tables.'),
  dataset: z.string().min(1).optional().describe('Dataset of tables that are named without one.'),
  service_account: secret(
    'The service account’s key, as the JSON file that Google gave (${file:/run/secrets/bigquery.json}).',
  ),
  scope: z
    .string()
    .default('https://www.googleapis.com/auth/cloud-platform.read-only')
    .describe('Scope asked for. The default cannot write, whatever the account may do.'),
  max_gigabytes: z
    .number()
    .positive()
    .optional()
    .describe('Most gigabytes that one query may be billed for; a larger one fails without being billed.'),
  url: z.url().default('https://bigquery.googleapis.com').describe('Address of the API.'),
  ...warehouseKeys,
})

export type BigQueryConfig = z.output<typeof config>

export interface ServiceAccount {
  email: string
  keyId: string | undefined
  key: Secret
  tokenUrl: string
}

/** @throws ConnectorError `config` if the text is no key file; what it holds is never in the message */
export function serviceAccount({ service_account }: Pick<BigQueryConfig, 'service_account'>): ServiceAccount {
  const wrong = () =>
    new ConnectorError('config', 'The key of the service account cannot be read.', {
      remedy: 'Give the JSON file of the key as it is: service_account: ${file:/run/secrets/bigquery.json}.',
    })
  let file: Record<string, unknown>
  try {
    file = JSON.parse(service_account.reveal()) as Record<string, unknown>
  } catch {
    throw wrong()
  }
  const { client_email, private_key, private_key_id, token_uri } = file
  if (typeof client_email !== 'string' || typeof private_key !== 'string') throw wrong()
  return {
    email: client_email,
    key: new Secret(private_key),
    keyId: typeof private_key_id === 'string' ? private_key_id : undefined,
    tokenUrl: typeof token_uri === 'string' ? token_uri : 'https://oauth2.googleapis.com/token',
  }
}
