/** Settings of the `files` connector. */
import { z } from 'zod'

const encoding = z.enum(['utf-8', 'utf-16le', 'windows-1252', 'iso-8859-15'])

export const config = z.strictObject({
  folder: z
    .string()
    .min(1)
    .meta({ path: true })
    .describe('Folder with the files of this platform; several platforms may share one, see prefix.'),
  prefix: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Only files whose name starts so, before the kind (`salesforce` for `salesforce_customers.csv`). Default: the platform’s own name where such files exist, else none.',
    ),
  pattern: z
    .string()
    .regex(/\{kind\}/, 'write {kind} where the name of the kind stands, for example export-{kind}-{date}.csv')
    .optional()
    .describe('Form of the file names where they follow no default: {kind} is the kind, {date} its date, * anything.'),
  files: z
    .record(
      z.string(),
      z.union([z.string().min(1), z.strictObject({ name: z.string().min(1), encoding: encoding.optional() })]),
    )
    .optional()
    .describe(
      'Kind → file name, or its name and encoding, where file names say nothing of their kind (customer: accounts.csv).',
    ),
  mode: z
    .enum(['snapshot', 'increment'])
    .default('snapshot')
    .describe(
      'snapshot: each file holds every record, what is missing in a newer one is deleted. increment: files hold changes, read once each in order of their dates; nothing is ever inferred to be deleted.',
    ),
  encoding: encoding.default('utf-8').describe('How CSV and NDJSON files are written.'),
  delimiter: z
    .enum([',', ';', '\t', '|'])
    .optional()
    .describe('Separator of CSV columns; default: the one that the first line uses.'),
  columns: z
    .record(z.string(), z.record(z.string(), z.string()))
    .default({})
    .describe(
      'Kind → canonical name → column, where a file names its columns otherwise (customer: { record_id: CustomerNo }).',
    ),
  manifest: z
    .string()
    .default('manifest.json')
    .describe(
      'File beside them that says through which instant they are complete, and optionally how many rows each has.',
    ),
})

export type FilesConfig = z.output<typeof config>
