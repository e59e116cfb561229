/** Settings of what may be written to a described API: which fields, by which requests, and what keeps them safe. */
import { z } from 'zod'
import { filledPath, place } from './words.ts'

const call = (names: readonly string[]) => ({
  method: z.enum(['POST', 'PUT', 'PATCH', 'DELETE']).describe('Method of the request.'),
  path: filledPath(names).describe('Its path.'),
})

const fixed = z
  .strictObject({
    ...call(['id']),
    body: z.record(z.string(), z.unknown()).optional().describe('What is sent, as it is.'),
    undo: z.enum(['hold', 'release']).optional().describe('The action that takes it back, where there is one.'),
  })
  .optional()

export const writeSchema = z.strictObject({
  fields: z
    .record(
      z.string(),
      z.strictObject({
        at: place.describe('Where the body of a write holds the field.'),
        as: z.enum(['text', 'number', 'boolean']).default('text').describe('How its value is written in JSON.'),
      }),
    )
    .default({})
    .describe('Canonical field → how it is written.'),
  refs: z.record(z.string(), place).default({}).describe('Platform or role → where the body holds that platform’s id.'),
  body: place.optional().describe('Where in the body all of that stands (`company`); left out: at its top.'),
  update: z
    .strictObject(call(['id']))
    .optional()
    .describe('How an existing record is changed.'),
  create: z
    .strictObject({
      ...call([]),
      id: place.default('id').describe('Where the reply holds the new record’s id.'),
      find: z
        .strictObject({
          path: filledPath([]).describe('Path of the list that is asked.'),
          query: z
            .record(z.string(), z.string())
            .refine(
              (q) => Object.values(q).some((v) => v.includes('{id}')),
              'write {id} where the other platform’s id goes',
            )
            .describe('Its parameters, with {platform} and {id} of the reference that the record is made under.'),
          rows: place.optional().describe('Where the body holds the rows; left out: the body is the list.'),
        })
        .optional()
        .describe(
          'How a record is found by another platform’s id: after a lost answer it is looked for, not made again.',
        ),
    })
    .optional()
    .describe('How a record is made.'),
  cancel: fixed.describe('How a record is ended.'),
  hold: fixed.describe('How it is put on hold.'),
  release: fixed.describe('How a hold is taken off.'),
  etag: z
    .boolean()
    .default(false)
    .describe(
      'True if reading one record sends an ETag and writes honour If-Match: then nothing newer is overwritten.',
    ),
  idempotency_header: z
    .string()
    .regex(/^[A-Za-z0-9-]+$/, 'write the name of a header')
    .optional()
    .describe('Header by which the API recognises a repeated write.'),
  needs: z
    .array(z.string())
    .default([])
    .describe('Permissions that writing needs, in the API’s own words: `doctor` names those that are missing.'),
})

export type WriteConfig = z.output<typeof writeSchema>
