/** Settings of a NetSuite platform: which account, how to sign requests, and what its custom fields and records mean. */
import { z } from 'zod'
import { hasKind } from '../../model/kinds.ts'
import { secret } from '../secret.ts'
import { hookSchema } from '../signature.ts'

/**
 * A column of the record itself, and how it is read: `custbody_po`; `display(custbody_region)` for the text of a list
 * value; `day(custbody_due)` and `moment(custbody_signed)` for dates with and without a time, which SuiteQL would
 * otherwise write in the user's own format, and without the time.
 */
export const COLUMN = /^(?:(display|day|moment)\(([a-z][a-z0-9_]*)\)|([a-z][a-z0-9_]*))$/
const column = z
  .string()
  .regex(COLUMN, 'write a column such as custbody_po, or display(…), day(…), moment(…) around it')
const recordName = z
  .string()
  .regex(/^[a-z][a-z0-9_]*$/, 'write a record type in lower case, such as salesorder or customrecord_contract')

const auth = z.discriminatedUnion('flow', [
  z
    .strictObject({
      flow: z.literal('token'),
      consumer_key: z.string().min(1).describe('Consumer key of the integration record.'),
      consumer_secret: secret('Consumer secret of the integration record.'),
      token_id: z.string().min(1).describe('Token id of the access token.'),
      token_secret: secret('Token secret of the access token.'),
    })
    .describe('Token-based authentication: every request is signed (OAuth 1.0, HMAC-SHA256).'),
  z
    .strictObject({
      flow: z.literal('client_credentials'),
      client_id: z.string().min(1).describe('Client id of the integration record.'),
      certificate_id: z.string().min(1).describe('Id of the certificate mapped to the integration, role and user.'),
      private_key: secret('PEM of the private key of that certificate.'),
    })
    .describe('OAuth 2.0 machine to machine, proven by a certificate.'),
])

const record = z.strictObject({
  kind: z
    .string()
    .refine(hasKind, 'there is no such canonical kind')
    .optional()
    .describe('Canonical kind; needed for custom records.'),
  columns: z
    .record(z.string(), column)
    .default({})
    .describe('Canonical field → column; adds to or replaces what is shipped.'),
  refs: z
    .record(z.string(), column)
    .default({})
    .describe('Platform name or role → column that holds its id (salesforce: externalid).'),
  status: column.optional().describe('Column whose word becomes the state through a reference map.'),
  marks: z
    .record(column, z.string().min(1))
    .default({})
    .describe('Check-box → word: when it is set, the status reads `SalesOrd:B (word)`.'),
  changed_by: column.optional().describe('Column that names the last writer, where the record has none of its own.'),
  changed: column.optional().describe('Column with the time of the last change; custom records: lastmodified.'),
  created: column.optional().describe('Column with the time of creation; custom records: created.'),
  also: z.array(column).default([]).describe('Further columns to read, for custom mappings in plumbline.yaml.'),
})
export type RecordConfig = z.output<typeof record>

export const config = z.strictObject({
  account: z
    .string()
    .regex(/^[A-Za-z0-9]+(_[A-Za-z0-9]+)?$/, 'write the account id, such as 1234567 or 1234567_SB1')
    .describe('Account id; a sandbox is 1234567_SB1.'),
  url: z.url().optional().describe('Base address, where it is not the one that follows from the account id.'),
  auth: auth.describe('How to sign in.'),
  page_size: z.number().int().min(10).max(1000).default(1000).describe('Rows per SuiteQL page.'),
  records: z
    .record(recordName, record)
    .default({})
    .describe('Record type → what it means here. Naming a record type reads it.'),
  skip: z.array(recordName).default([]).describe('Record types that are read by default but not in this account.'),
  tax_lines: z
    .boolean()
    .default(true)
    .describe('Tax stands on lines of its own. False with SuiteTax: tax and net amounts then need columns.'),
  webhook: hookSchema('Secret that the user-event script signs with.')
    .optional()
    .describe('Webhooks of the platform to /hooks/<platform>; left out: none is let in.'),
  write: z
    .strictObject({
      release: z
        .enum(['OFF', 'AUTO'])
        .default('OFF')
        .describe(
          'What a released customer is set to: OFF takes the hold off for good, AUTO lets NetSuite’s own rules decide.',
        ),
      order_item: z
        .string()
        .regex(/^\d+$/)
        .optional()
        .describe(
          'Internal id of the item that carries the amount of an order made here. Without it no order is made: NetSuite takes none without lines.',
        ),
    })
    .optional()
    .describe('Allows approved plans to write to this account; `{}` for the defaults. Left out: it is only read.'),
  accounting_book: z
    .number()
    .int()
    .positive()
    .default(1)
    .describe('Accounting book whose postings are read; 1 is the primary book.'),
})
export type NetSuiteConfig = z.output<typeof config>

/** Address of the account's web services. */
export function baseOf({ account, url }: Pick<NetSuiteConfig, 'account' | 'url'>): string {
  return url ?? `https://${account.toLowerCase().replaceAll('_', '-')}.suitetalk.api.netsuite.com`
}
