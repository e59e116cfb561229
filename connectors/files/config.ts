/** Settings of the `files` connector. */
import { z } from 'zod'
import { secret } from '../secret.ts'

const encoding = z.enum(['utf-8', 'utf-16le', 'windows-1252', 'iso-8859-15'])

const s3 = z.strictObject({
  endpoint: z
    .url()
    .optional()
    .describe('Address of a store that is not AWS, such as https://minio.internal:9000; left out: AWS in that region.'),
  region: z.string().min(1).default('us-east-1').describe('Region of the bucket.'),
  access_key_id: z.string().min(1).describe('Id of an access key that may list the bucket and read its objects.'),
  secret_access_key: secret('The secret of that key.'),
  session_token: secret('Token that belongs to temporary credentials.').optional(),
  path_style: z
    .boolean()
    .optional()
    .describe(
      'True: the bucket stands in the path; false: in the host name. Default: in the path where there is an endpoint.',
    ),
})

const settings = z.strictObject({
  folder: z
    .string()
    .min(1)
    .meta({ path: true })
    .describe(
      'Folder with the files of this platform, or s3://bucket/prefix; several platforms may share one, see prefix.',
    ),
  s3: s3.optional().describe('How to sign in where folder is s3://…: AWS S3 or a store that speaks like it.'),
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

/** A bucket needs its keys, and keys need a bucket. */
export const config = settings.check(({ value, issues }) => {
  const remote = value.folder.startsWith('s3://')
  if (remote === (value.s3 !== undefined)) return
  const message = remote
    ? 'say how to sign in: s3 with region, access_key_id and secret_access_key'
    : 'only a folder written s3://bucket/prefix is read with it'
  issues.push({ code: 'custom', input: value.s3, path: ['s3'], message })
})

export type FilesConfig = z.output<typeof config>
