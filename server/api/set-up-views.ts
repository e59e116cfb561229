/** Set-up as the API tells it: the stages, the connectors with their forms, what is configured, and the draft. */
import { z } from 'zod'
import { ROLES } from '../config/words.ts'
import { draftSchema } from '../set-up/draft.ts'

const fieldSchema: z.ZodType = z
  .object({
    path: z.array(z.string()),
    type: z.enum(['text', 'secret', 'path', 'number', 'switch', 'choice', 'group', 'variants', 'yaml']),
    about: z.string(),
    required: z.boolean(),
  })
  .loose()
  .meta({ id: 'SetUpField' })

export const setUpSchema = z
  .object({
    needed: z.boolean().describe('Fewer than two platforms are configured.'),
    may_write: z.boolean().describe('This process may write the configuration; false: it is changed by hand alone.'),
    file: z.string().describe('The configuration file; empty for those who may not administer.'),
    exists: z.boolean(),
    started: z
      .string()
      .describe('Which start of the process this is: another one after the configuration was taken over.'),
    company: z.string(),
    configured: z.array(z.object({ name: z.string(), title: z.string(), role: z.enum(ROLES) })),
    stages: z.array(
      z.object({
        id: z.string(),
        title: z.string(),
        question: z.string(),
        lines: z.array(
          z.object({ id: z.string(), says: z.string(), usual: z.enum(ROLES), choices: z.array(z.enum(ROLES)) }),
        ),
      }),
    ),
    connectors: z.array(z.object({ name: z.string(), title: z.string(), kinds: z.array(z.string()) })),
    draft: draftSchema.nullable().describe('Where somebody left it; null: nobody began.'),
    sample: z
      .enum(['none', 'offered', 'shown'])
      .describe('The sample company: not to be had here, one click away, or shown.'),
  })
  .meta({ id: 'SetUp' })

export const formSchema = z
  .object({ connector: z.string(), title: z.string(), fields: z.array(fieldSchema) })
  .meta({ id: 'SetUpForm' })

export const seenSchema = z
  .object({
    ok: z.boolean(),
    says: z.string(),
    missing_scopes: z.array(z.string()),
    remedy: z.string().nullable(),
    kinds: z.array(z.string()).describe('Canonical kinds that it keeps.'),
  })
  .meta({ id: 'SetUpSeen' })

export const previewSchema = z
  .object({
    file: z.string(),
    hash: z.string().describe('Of the file as it is: given back when it is written.'),
    text: z.string().describe('The whole file as it would be.'),
    lines: z.array(z.object({ is: z.enum(['same', 'added', 'removed']), line: z.number().int(), text: z.string() })),
    problems: z.array(
      z.object({ level: z.enum(['error', 'warning']), line: z.number(), path: z.string(), message: z.string() }),
    ),
    owners: z
      .array(
        z.object({
          kind: z.string(),
          pattern: z.string().describe('Line of the ownership matrix that a choice is written to.'),
          fields: z.array(z.string()),
          owner: z.string().nullable(),
          by_state: z.array(z.object({ state: z.string(), owner: z.string().nullable() })),
          keepers: z.array(z.object({ platform: z.string(), title: z.string() })),
          followers: z.array(z.string()),
          trouble: z.string().nullable(),
        }),
      )
      .describe('Who would own what, of everything that two platforms keep.'),
  })
  .meta({ id: 'SetUpPreview' })
