/** Privacy over HTTP: which values never leave the product, and how much is kept of what, since when. */
import { Hono } from 'hono'
import { describeRoute, resolver } from 'hono-openapi'
import { z } from 'zod'
import { KINDS } from '../../model/kinds.ts'
import { isMasked } from '../alert/mask.ts'
import type { Runtime } from '../runtime.ts'
import { storedTables } from '../store/facts/stored-tables.ts'
import { requires, type GuardEnv } from './guard.ts'

const privacySchema = z
  .object({
    masked: z.array(
      z.object({
        pattern: z.string(),
        fields: z.array(z.object({ kind: z.string(), title: z.string(), field: z.string(), label: z.string() })),
      }),
    ),
    personal: z
      .array(
        z.object({ kind: z.string(), title: z.string(), field: z.string(), label: z.string(), masked: z.boolean() }),
      )
      .describe('Fields that hold personal values, and whether they are masked.'),
    kept: z.array(
      z.object({
        table: z.string(),
        rows: z.number().int(),
        bytes: z.number().int(),
        since: z.string().nullable().describe('When the oldest part of it was written.'),
      }),
    ),
  })
  .meta({ id: 'Privacy' })
const PERSONAL = new Set(['email', 'phone', 'tax_id'])

export function privacyRoutes({ ctx }: Runtime) {
  const { masked } = ctx.config.alerts
  const fields = KINDS.flatMap((k) =>
    k.fields.map((f) => ({ kind: k.name, title: k.title, field: f.name, label: f.label, type: f.type })),
  ).filter((f) => ctx.landscape.platforms.some((p) => ctx.landscape.keeps(p.name, f.kind)))
  const named = ({ type: _, ...f }: (typeof fields)[number]) => f

  return new Hono<GuardEnv>().get(
    '/',
    describeRoute({
      summary: 'What is masked, and what is kept',
      tags: ['privacy'],
      responses: {
        200: { description: 'Both.', content: { 'application/json': { schema: resolver(privacySchema) } } },
      },
    }),
    requires('view'),
    async (c) =>
      c.json({
        masked: masked.map((pattern) => ({
          pattern,
          fields: fields.filter((f) => isMasked([pattern], f.kind, f.field)).map(named),
        })),
        personal: fields
          .filter((f) => PERSONAL.has(f.type))
          .map((f) => ({ ...named(f), masked: isMasked(masked, f.kind, f.field) })),
        kept: await storedTables(ctx.facts),
      }),
  )
}
