/** Settings of an API that the product has no connector for: everything that one needs to know, in YAML. */
import { z } from 'zod'
import { kindOf, KINDS } from '../../model/kinds.ts'
import { secret } from '../secret.ts'
import { writeSchema } from './config-write.ts'
import { filledPath, place, query } from './words.ts'

const auth = z.discriminatedUnion('flow', [
  z.strictObject({ flow: z.literal('none') }),
  z.strictObject({ flow: z.literal('bearer'), token: secret('Token sent as `Authorization: Bearer …`.') }),
  z.strictObject({
    flow: z.literal('basic'),
    user: z.string().describe('User name, or the key where the API takes it there.'),
    password: secret('Password; for APIs that take only a key, any text.'),
  }),
  z.strictObject({
    flow: z.literal('header'),
    name: z
      .string()
      .regex(/^[A-Za-z0-9-]+$/, 'write the name of a header')
      .describe('Header that carries the key.'),
    value: secret('The key.'),
  }),
  z.strictObject({
    flow: z.literal('client_credentials'),
    token_url: z.url().describe('Address that gives access tokens.'),
    client_id: z.string().describe('Id of the OAuth client.'),
    client_secret: secret('Secret of the OAuth client.'),
    scope: z.string().optional().describe('Scopes asked for.'),
    send: z.enum(['basic', 'body']).default('basic').describe('Where the client’s secret travels.'),
    extra: z.record(z.string(), z.string()).default({}).describe('Further form fields (`audience`, `resource`).'),
  }),
  z.strictObject({
    flow: z.literal('refresh_token'),
    token_url: z.url().describe('Address that gives access tokens.'),
    client_id: z.string().describe('Id of the OAuth client.'),
    client_secret: secret('Secret of the OAuth client.'),
    refresh_token: secret('Refresh token of the consent.'),
    send: z.enum(['basic', 'body']).default('basic').describe('Where the client’s secret travels.'),
  }),
])

const paging = z.discriminatedUnion('style', [
  z.strictObject({ style: z.literal('none') }),
  z.strictObject({
    style: z.literal('next_url'),
    at: place.describe('Where the body holds the address of the next page; nothing there ends the list.'),
  }),
  z.strictObject({ style: z.literal('link_header') }),
  z.strictObject({
    style: z.literal('cursor'),
    parameter: z.string().describe('Query parameter that takes the cursor of the next page.'),
    at: place.describe('Where the body holds the cursor of the next page.'),
    more: place.optional().describe('Where the body says whether there are more pages; false ends the list.'),
  }),
  z.strictObject({
    style: z.literal('last_id'),
    parameter: z.string().describe('Query parameter that takes the id of the last row seen (`starting_after`).'),
    more: place
      .optional()
      .describe('Where the body says whether there are more; left out: a short page ends the list.'),
  }),
  z.strictObject({
    style: z.literal('offset'),
    parameter: z.string().default('offset').describe('Query parameter that takes how many rows to pass over.'),
  }),
  z.strictObject({
    style: z.literal('page'),
    parameter: z.string().default('page').describe('Query parameter that takes the number of the page.'),
    first: z.number().int().min(0).default(1).describe('Number of the first page.'),
  }),
])

const changes = z.strictObject({
  parameter: z.string().describe('Query parameter that takes the instant since which changes are wanted.'),
  format: z
    .enum(['iso', 'epoch_seconds', 'epoch_ms', 'date'])
    .default('iso')
    .describe('How that instant is written; `date` is a day in UTC.'),
  template: z
    .string()
    .refine((t) => t.includes('{since}'), 'write {since} where the instant goes')
    .default('{since}')
    .describe('Text around the instant, for APIs that take a filter (`modified ge {since}`).'),
  inclusive: z
    .boolean()
    .default(false)
    .describe('True if a row stamped exactly then is returned too; else one unit earlier is asked for.'),
  ordered: z
    .boolean()
    .default(false)
    .describe('True if rows come oldest change first: then a broken run goes on where it stopped.'),
  until: z
    .strictObject({
      parameter: z.string().describe('Query parameter that takes the instant up to which changes are wanted.'),
      template: z
        .string()
        .refine((t) => t.includes('{until}'), 'write {until} where the instant goes')
        .default('{until}')
        .describe('Text around the instant.'),
    })
    .optional()
    .describe('The end of a range, for back-fills; left out: everything since its beginning is asked for.'),
  query: query.describe('Further parameters of this request, such as the order.'),
})

const stream = z
  .strictObject({
    kind: z.enum(KINDS.map((k) => k.name)).describe('Canonical kind that it holds.'),
    source: z.string().optional().describe('The API’s own word for it; default: the name of the stream.'),
    path: filledPath([]).describe('Path of the list below base_url.'),
    method: z.enum(['GET', 'POST']).default('GET').describe('How the list is asked for; POST sends the query as JSON.'),
    query: query.describe('Parameters of every request for the list.'),
    rows: place.optional().describe('Where the body holds the rows; left out: the body is the list.'),
    total: place.optional().describe('Where the body of a page says how many rows there are on all pages.'),
    scopes: z
      .array(z.string().min(1))
      .default([])
      .describe(
        'Permissions that reading the list needs, in the API’s own words: `doctor` names those that are missing.',
      ),
    id: place.default('id').describe('Where a row holds its id.'),
    created: place.optional().describe('Where a row says when it was made.'),
    changed: place.optional().describe('Where a row says when it last changed.'),
    changed_by: place.optional().describe('Where a row says who changed it last.'),
    resolution: z.enum(['ms', 's', 'min', 'day']).default('s').describe('How exact the stamps of this list are.'),
    status: place.optional().describe('Where a row holds its status word.'),
    deleted: z
      .strictObject({
        at: place.describe('Where a row says that it is deleted or archived.'),
        equals: z
          .array(z.string())
          .optional()
          .describe('Values that mean so; left out: any value but false and nothing.'),
      })
      .optional()
      .describe('Left out: deletions are found by enumerating everything.'),
    merged_into: place.optional().describe('Where a row names the survivor that it was merged into.'),
    fields: z
      .record(z.string(), place)
      .describe('Canonical field → where a row holds it. What is not named here, this API cannot hold.'),
    refs: z.record(z.string(), place).default({}).describe('Platform or role → where a row holds that platform’s id.'),
    custom: z.record(z.string(), place).default({}).describe('Further fields → where; checks name them custom.<name>.'),
    page_size: z
      .strictObject({
        parameter: z.string().describe('Query parameter that takes the number of rows wanted.'),
        most: z.number().int().positive().default(100).describe('Most rows that the API gives in one page.'),
      })
      .optional()
      .describe('How many rows come in a page.'),
    paging: paging.default({ style: 'none' }).describe('How one page leads to the next.'),
    changes: changes.optional().describe('How to ask for changes; left out: everything is read at every run.'),
    one: z
      .strictObject({
        path: filledPath(['id']).describe('Path of one record, with {id}.'),
        at: place.optional().describe('Where the body holds it; left out: the body is the record.'),
      })
      .optional()
      .describe('How one record is read again, before a finding opens or a record is called gone.'),
    count: z
      .strictObject({
        path: filledPath([]).describe('Path of the request that tells how many records are alive.'),
        query: query,
        at: place.describe('Where the body holds the number.'),
      })
      .optional()
      .describe('The platform’s own count: the completeness figure.'),
    link: z.string().optional().describe('Address of a record in the platform’s own screens, with {id}.'),
    write: writeSchema.optional().describe('How records may be written by an approved plan; left out: never.'),
  })
  .check(({ value, issues }) => {
    const known = kindOf(value.kind).fields.map((f) => f.name)
    for (const field of Object.keys(value.fields))
      if (!known.includes(field))
        issues.push({
          code: 'custom',
          input: field,
          path: ['fields', field],
          message: `a ${value.kind} has no field ${field}; it has ${known.join(', ')}`,
        })
    if (value.changes?.ordered && !value.changed)
      issues.push({
        code: 'custom',
        input: value,
        path: ['changed'],
        message: 'name where the change stamp stands: `ordered` needs it',
      })
    for (const field of Object.keys(value.write?.fields ?? {}))
      if (!known.includes(field))
        issues.push({
          code: 'custom',
          input: field,
          path: ['write', 'fields', field],
          message: `a ${value.kind} has no field ${field}`,
        })
  })

export const configSchema = z.strictObject({
  base_url: z.url().describe('Address below which all paths lie.'),
  hosts: z.array(z.url()).default([]).describe('Further addresses that belong to the platform (sign-in hosts).'),
  auth: auth.default({ flow: 'none' }).describe('How we sign in.'),
  headers: z
    .record(z.string().regex(/^[A-Za-z0-9-]+$/, 'write the name of a header'), z.string())
    .default({})
    .describe('Headers of every request, such as an API version.'),
  ping: z
    .strictObject({
      path: filledPath([]).describe('A cheap request that needs the credentials.'),
      account: place.optional().describe('Where its body names the account.'),
      granted: z
        .strictObject({
          at: place.optional().describe('Where its body holds them: a list, or text with spaces or commas between.'),
          header: z
            .string()
            .regex(/^[A-Za-z0-9-]+$/, 'write the name of a header')
            .optional()
            .describe('Or the header of the reply that holds them.'),
        })
        .refine((g) => (g.at === undefined) !== (g.header === undefined), 'name a place or a header')
        .optional()
        .describe('Where the API says which permissions we were granted; left out: every list is asked for one row.'),
    })
    .describe('How to see that the credentials are good.'),
  lag: z
    .number()
    .int()
    .min(0)
    .max(86_400)
    .default(60)
    .describe('Seconds after which a change is surely visible in lists; that much is read again in every run.'),
  budget: z
    .strictObject({
      limit: z.string().optional().describe('Header: calls per window.'),
      remaining: z.string().optional().describe('Header: calls left.'),
      used: z.string().optional().describe('Header: calls used.'),
      reset: z.string().optional().describe('Header: when the window ends.'),
      reset_is: z
        .enum(['seconds', 'epoch_seconds', 'epoch_ms', 'date'])
        .default('seconds')
        .describe('How it is written.'),
    })
    .optional()
    .describe('Headers that tell the call budget; platforms.<name>.budget sets our share.'),
  errors: z
    .array(
      z.strictObject({
        status: z.number().int().min(200).max(599).optional().describe('Status of the reply; left out: any.'),
        at: place.optional().describe('Where the body holds the word that tells.'),
        equals: z.array(z.string()).optional().describe('Words that mean so; left out: any word.'),
        means: z.enum(['auth', 'rate_limited', 'upstream', 'schema', 'not_found', 'conflict']).describe('What it is.'),
        message: place.optional().describe('Where the body says it in words.'),
      }),
    )
    .default([])
    .describe(
      'How the API says that something went wrong where its status alone does not; the first that fits counts.',
    ),
  streams: z
    .record(z.string().regex(/^[a-z][a-z0-9_]*$/, 'write a name like companies'), stream)
    .refine((streams) => Object.keys(streams).length > 0, 'name at least one stream')
    .describe('Name → one list of the API.'),
})

export type RestConfig = z.output<typeof configSchema>
export type StreamConfig = RestConfig['streams'][string]
export type Paging = StreamConfig['paging']
