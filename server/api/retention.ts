/** Retention over HTTP: the term of every class of data, what a term would remove, what was removed, and removing now. */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import { iso } from '../clock.ts'
import { LEAST_TERM, RETAINED, termKey, termOf, type RetainedClass } from '../config/retention-schema.ts'
import { duration } from '../config/words.ts'
import { CLASSES } from '../retain/classes.ts'
import { RETENTION_JOB } from '../retain/job.ts'
import { preview, retain } from '../retain/retain.ts'
import type { Runtime } from '../runtime.ts'
import type { Removal } from '../store/control/removals.ts'
import { requires, type Caller, type GuardEnv } from './guard.ts'
import { invalid } from './problem.ts'

const REMOVALS_SHOWN = 50
const instant = z.string().nullable()
const className = z.enum(RETAINED)

const removalSchema = z.object({
  id: z.number().int(),
  class: className,
  title: z.string(),
  keep_days: z.number().describe('How long it had to be kept.'),
  older_than: z.string(),
  rows: z.number().int(),
  bytes: z.number().nullable(),
  by: z.string(),
  reason: z.string(),
  began_at: z.string(),
  ended_at: instant.describe('Null: it was cut off, and the next run ends it.'),
})
const classSchema = z.object({
  class: className,
  title: z.string(),
  says: z.string().describe('What goes, and what stays of it.'),
  keep: z.string().nullable().describe('Null: for ever.'),
  key: z.string().describe('Where the configuration says so.'),
  least: z.string().describe('The shortest term that it may have.'),
  kept_since: instant.describe('What is older may be missing; null: nothing was ever removed.'),
})
const retentionSchema = z
  .object({
    schedule: z.string(),
    next_at: instant,
    everything_held: z.boolean().describe('Under legal hold: nothing is removed.'),
    classes: z.array(classSchema),
    removals: z.array(removalSchema),
  })
  .meta({ id: 'Retention' })
const previewSchema = z
  .object({
    class: className,
    keep: z.string().nullable().describe('The term that was tried; null: for ever, so nothing would go.'),
    older_than: instant,
    rows: z.number().int(),
    oldest: instant,
    newest: instant,
    bytes: z.number().nullable().describe('On disk, about; null: unknown.'),
    needed: z.number().int().describe('Old enough, and kept: something open needs it, or it is under legal hold.'),
    everything_held: z.boolean(),
  })
  .meta({ id: 'RetentionPreview' })
const json = (schema: z.ZodType, description: string) => ({
  200: { description, content: { 'application/json': { schema: resolver(schema) } } },
})
const at = (ms: number | null) => (ms === null ? null : iso(ms))

export function retentionRoutes({ ctx, scheduler }: Runtime) {
  const { control, config } = ctx
  const removalView = (r: Removal): z.output<typeof removalSchema> => ({
    id: r.id,
    class: r.class as RetainedClass,
    title: CLASSES[r.class as RetainedClass].title,
    keep_days: r.keptFor / 86_400_000,
    older_than: iso(r.cutoff),
    rows: r.rows,
    bytes: r.bytes,
    by: control.user(r.actor)?.email ?? r.actor,
    reason: r.reason,
    began_at: iso(r.beganAt),
    ended_at: at(r.endedAt),
  })
  const view = (): z.output<typeof retentionSchema> => ({
    schedule: config.retention.schedule,
    next_at: at(scheduler.next(RETENTION_JOB)),
    everything_held: control.legalHolds({ standing: true }).some((h) => h.scope === 'everything'),
    classes: RETAINED.map((of) => ({
      class: of,
      title: CLASSES[of].title,
      says: CLASSES[of].about,
      keep: termOf(config, of),
      key: termKey(of),
      least: LEAST_TERM[of],
      kept_since: at(control.keptSince(of)),
    })),
    removals: control.removals({ limit: REMOVALS_SHOWN }).map(removalView),
  })

  return new Hono<GuardEnv>()
    .get(
      '/',
      describeRoute({
        summary: 'How long each class of data is kept, and what was removed',
        tags: ['retention'],
        responses: json(retentionSchema, 'Terms and removals, newest first.'),
      }),
      requires('view'),
      (c) => c.json(view()),
    )
    .get(
      '/preview',
      describeRoute({
        summary: 'What a term would remove now; removes nothing',
        tags: ['retention'],
        responses: json(previewSchema, 'How much, from when to when.'),
      }),
      requires('view'),
      validator(
        'query',
        z.object({ class: className, keep: duration.optional().describe('Default: the configuration’s term.') }),
        invalid,
      ),
      async (c) => {
        const { class: of, keep } = c.req.valid('query')
        const seen = await preview(ctx, of, keep ?? termOf(config, of))
        return c.json({
          class: of,
          keep: seen?.keep ?? null,
          older_than: at(seen?.cutoff ?? null),
          rows: seen?.rows ?? 0,
          oldest: at(seen?.oldest ?? null),
          newest: at(seen?.newest ?? null),
          bytes: seen ? seen.bytes : 0,
          needed: seen?.needed ?? 0,
          everything_held: seen?.everythingHeld ?? false,
        })
      },
    )
    .post(
      '/removals',
      describeRoute({
        summary: 'Remove now what has had its time by the configuration’s terms',
        tags: ['retention'],
        responses: json(
          z.object({
            removed: z.array(z.object({ class: className, rows: z.number(), bytes: z.number().nullable() })),
          }),
          'What was removed.',
        ),
      }),
      requires('administer'),
      validator(
        'json',
        z.strictObject({
          class: className.optional().describe('Left out: every class that has a term.'),
          reason: z.string().trim().min(3).max(1000).describe('Why not by its schedule, in a sentence.'),
        }),
        invalid,
      ),
      async (c) => {
        const { class: of, reason } = c.req.valid('json')
        const actor = (c.get('caller') as Caller).user.id
        return c.json({ removed: await retain(ctx, { actor, reason, ...(of && { class: of }) }) })
      },
    )
}
