/** Settings of a Gainsight tenant. No specification is held: names of objects and fields, formats and limits can all be set. */
import { z } from 'zod'
import { hasKind } from '../../model/kinds.ts'
import { noticeSchema } from '../notice.ts'
import { secret } from '../secret.ts'

/** A field, or one of an object that is looked up (`Person_ID__gr.Email`). */
const field = z
  .string()
  .regex(
    /^[A-Za-z]\w{0,99}(\.[A-Za-z]\w{0,99}){0,2}$/,
    'write the API name of a field, such as SfdcAccountId or Csm__gr.Email',
  )
const fields = z.record(z.string(), field).default({})
const objectName = z
  .string()
  .regex(/^[A-Za-z]\w{0,99}$/, 'write the API name of an object, such as Company or renewal__gc')

const object = z.strictObject({
  kind: z
    .string()
    .refine(hasKind, 'there is no such canonical kind')
    .optional()
    .describe('Canonical kind; needed for objects that the connector does not know.'),
  fields: fields.describe('Canonical field → field of the object; adds to or replaces what is shipped.'),
  without: z.array(z.string()).default([]).describe('Canonical fields that are shipped and do not mean this here.'),
  refs: fields.describe('Platform or role → field that holds that platform’s id; replaces what is shipped.'),
  custom: fields.describe('Further fields; checks name them custom.<name>.'),
  status: field
    .optional()
    .describe('Field whose word (of a picklist its item’s id) becomes the state through a reference map.'),
  key: field.optional().describe('Text field that takes our key: what is made here can be found again.'),
  read_only: z.array(field).default([]).describe('Fields that are never written (formulas, rollups).'),
})
export type ObjectConfig = z.output<typeof object>

const auth = z.discriminatedUnion('flow', [
  z
    .strictObject({
      flow: z.literal('access_key'),
      access_key: secret('REST API access key of the tenant; it does not expire.'),
    })
    .describe('The access key of the tenant.'),
  z
    .strictObject({
      flow: z.literal('m2m'),
      client_id: z.string().min(1).describe('Key of the machine-to-machine client.'),
      client_secret: secret('Secret of the machine-to-machine client.'),
      token_path: z
        .string()
        .startsWith('/')
        .default('/v1/users/m2m/oauth/token')
        .describe('Path of the token endpoint.'),
    })
    .describe('A machine-to-machine client: tokens are asked for by themselves.'),
])

export const config = z.strictObject({
  base_url: z.url().describe('Address of the tenant, as https://<domain>.gainsightcloud.com.'),
  auth: auth.describe('How to sign in.'),
  objects: z.record(objectName, object).default({}).describe('Object → what it means here. Naming an object reads it.'),
  skip: z.array(objectName).default([]).describe('Objects that are read by default but not in this tenant.'),
  page_size: z.number().int().min(2).max(5000).default(1000).describe('Rows of a query at most.'),
  id_field: field.default('Gsid').describe('Field with the id of a record.'),
  stamp_field: field.default('ModifiedDate').describe('Field with the time of the last change.'),
  created_field: field.default('CreatedDate').describe('Field with the time of creation.'),
  writer_field: field.optional().describe('Field that names the last writer (`ModifiedById`).'),
  filter_dates: z
    .enum(['text', 'epoch_ms'])
    .default('text')
    .describe('How times are written in conditions: `yyyy-MM-dd HH:mm:ss` in UTC, or milliseconds.'),
  overlap_minutes: z
    .number()
    .int()
    .min(1)
    .max(10_080)
    .default(60)
    .describe('How far each run reads again what was there, in minutes.'),
  delete_log: objectName
    .nullable()
    .default('record_delete_log')
    .describe('Object that logs deleted records for 15 days; null: only the sweep finds what is gone.'),
  describe: z.boolean().default(true).describe('Asks before each read which fields the objects have.'),
  links: z
    .record(z.string(), z.string().includes('{id}'))
    .default({})
    .describe('Kind → address of a record in your tenant, with `{id}` for its id.'),
  webhook: noticeSchema
    .extend({
      object: z
        .string()
        .startsWith('/')
        .default('/object')
        .describe('JSON pointer to the name of the object, as the payload of the rule has it.'),
      id: z.string().startsWith('/').default('/gsid').describe('JSON pointer to the id of the record.'),
    })
    .optional()
    .describe('Calls of rules to /hooks/<platform>; left out: none is let in.'),
  write: z
    .strictObject({})
    .optional()
    .describe('Allows approved plans to write to this tenant: `{}`. Left out: it is only read.'),
})
export type GainsightConfig = z.output<typeof config>
/** What decides which objects are read and what they mean. */
export type Meaning = Pick<
  GainsightConfig,
  'objects' | 'skip' | 'id_field' | 'stamp_field' | 'created_field' | 'writer_field'
>
