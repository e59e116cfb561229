/** Audit: who did what, when, newest first; and whether the chain of entries still holds. */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import type { AuditEntry } from '../store/control/control.ts'
import { requires, type GuardEnv, type GuardOptions } from './guard.ts'
import { invalid } from './problem.ts'

const entrySchema = z
  .object({
    seq: z.number(),
    at: z.string(),
    actor: z.string().describe('Mail address where the account still exists, else its id.'),
    action: z.string(),
    object: z.string(),
    detail: z.record(z.string(), z.unknown()),
    hash: z.string().describe('Seal over this entry and the one before it.'),
  })
  .meta({ id: 'AuditEntry' })
const json = (schema: z.ZodType, description: string) => ({
  200: { description, content: { 'application/json': { schema: resolver(schema) } } },
})
const filter = z.strictObject({
  before: z.coerce.number().int().positive().optional().describe('Entries older than this number.'),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  q: z.string().max(200).default('').describe('Words that must all stand in actor, action or object.'),
})

export function auditRoutes({ control }: Pick<GuardOptions, 'control'>) {
  function view(entries: readonly AuditEntry[]): z.output<typeof entrySchema>[] {
    const people = new Map(control.users().map((u) => [u.id, u.email]))
    return entries.map((e) => ({
      seq: e.seq,
      at: new Date(e.at).toISOString(),
      actor: people.get(e.actor) ?? e.actor,
      action: e.action,
      object: e.object,
      detail: e.detail,
      hash: e.hash,
    }))
  }
  /** An address that is typed finds what its account did. */
  const words = (q: string) =>
    q
      .toLowerCase()
      .split(/\s+/)
      .filter(Boolean)
      .map((word) => [word, ...control.users().flatMap((u) => (u.email.includes(word) ? [u.id] : []))])

  return new Hono<GuardEnv>()
    .get(
      '/',
      describeRoute({
        summary: 'The audit trail, newest first',
        tags: ['audit'],
        responses: json(z.object({ entries: z.array(entrySchema), next: z.number().nullable() }), 'Entries.'),
      }),
      requires('view'),
      validator('query', filter, invalid),
      (c) => {
        const { before, limit, q } = c.req.valid('query')
        const found = control.auditBefore({ before: before ?? null, limit: limit + 1, words: words(q) })
        const entries = found.slice(0, limit)
        return c.json({ entries: view(entries), next: found.length > limit ? entries.at(-1)!.seq : null })
      },
    )
    .get(
      '/verified',
      describeRoute({
        summary: 'Whether the chain holds',
        tags: ['audit'],
        responses: json(
          z.object({
            entries: z.number(),
            broken: z.number().nullable().describe('First entry that does not fit; null: the chain holds.'),
            since: z
              .number()
              .nullable()
              .describe('First entry that the rule of retention has left; null: all are there.'),
          }),
          'What was found.',
        ),
      }),
      requires('view'),
      (c) => c.json(control.verifyAudit()),
    )
}
