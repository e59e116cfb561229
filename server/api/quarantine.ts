/** Quarantine: what platforms sent and we could not read. */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import type { Runtime } from '../runtime.ts'
import { quarantine, type QuarantineRow } from '../store/facts/quarantine.ts'
import { requires, type GuardEnv } from './guard.ts'
import { invalid } from './problem.ts'

/** The bytes themselves may hold anything, also about people: they stay in the store, and their size is shown. */
export const quarantineSchema = z
  .object({
    platform: z.string(),
    stream: z.string(),
    kind: z.string(),
    record_id: z.string(),
    at: z.string(),
    field: z.string().nullable(),
    reason: z.string(),
    place: z.string(),
    bytes: z.number().int(),
    state: z.enum(['open', 'resolved']),
  })
  .meta({ id: 'Quarantined' })

export function quarantineView(row: QuarantineRow): z.output<typeof quarantineSchema> {
  const { platform, stream, kind, record_id, at, field, reason, place, state } = row
  return {
    platform,
    stream,
    kind,
    record_id,
    at,
    field,
    reason,
    place,
    state,
    bytes: Buffer.byteLength(row.raw_base64, 'base64'),
  }
}

export function quarantineRoutes({ ctx }: Runtime) {
  return new Hono<GuardEnv>().get(
    '/',
    describeRoute({
      summary: 'Rows that could not be read',
      tags: ['quarantine'],
      responses: {
        200: {
          description: 'Newest first.',
          content: { 'application/json': { schema: resolver(z.array(quarantineSchema)) } },
        },
      },
    }),
    requires('view'),
    validator(
      'query',
      z.object({
        platform: z.string().optional(),
        state: z.enum(['open', 'resolved']).default('open'),
        limit: z.coerce.number().int().min(1).max(500).default(100),
      }),
      invalid,
    ),
    async (c) => {
      const { platform, state, limit } = c.req.valid('query')
      return c.json((await quarantine(ctx.facts, { state, ...(platform && { platform }) }, limit)).map(quarantineView))
    },
  )
}
