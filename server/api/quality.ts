/** Data quality: fields that are missing by rule, and what became different about the sources. */
import { Hono } from 'hono'
import { describeRoute, resolver } from 'hono-openapi'
import { z } from 'zod'
import { SEVERITIES, type Severity } from '../../model/verdict.ts'
import { iso } from '../clock.ts'
import type { Runtime } from '../runtime.ts'
import { shapeOf, type ShapeChange } from '../store/control/shapes.ts'
import { missingFields } from '../store/facts/missing-fields.ts'
import { requires, type GuardEnv } from './guard.ts'
import { platformView } from './views.ts'

const platform = z.object({ name: z.string(), title: z.string(), mark: z.string() })

export const changeSchema = z
  .object({
    what: z.enum(['new', 'gone', 'retyped', 'emptied', 'enumeration']),
    path: z.string(),
    at: z.string(),
    back_at: z.string().nullable().describe('When it was as before again.'),
    before: z.string().nullable(),
    after: z.string().nullable(),
    read: z.boolean().nullable().describe('The mapping was seen to read it; null: not known.'),
    fields: z.array(z.string()).describe('Canonical fields that it feeds.'),
    checks: z.array(z.string()).describe('Checks that look at these fields.'),
    maps: z.array(z.string()).describe('Reference maps that they go through.'),
  })
  .meta({ id: 'SchemaChange' })

export function changeView(c: ShapeChange): z.output<typeof changeSchema> {
  const { what, path, before, after, read, fields, checks, maps } = c
  return {
    what,
    path,
    before,
    after,
    read,
    fields,
    checks,
    maps,
    at: iso(c.at),
    back_at: c.backAt === null ? null : iso(c.backAt),
  }
}

const qualitySchema = z
  .object({
    missing: z.array(
      z.object({
        check: z.string(),
        platform,
        kind: z.string(),
        field: z.string(),
        country: z.string().nullable(),
        severity: z.enum(SEVERITIES),
        records: z.number().int(),
        in_flight: z.number().int().describe('Too young to be called missing, or not decided.'),
        customers: z.number().int(),
      }),
    ),
    schema: z.array(z.object({ platform, stream: z.string(), kind: z.string(), change: changeSchema })),
  })
  .meta({ id: 'Quality' })

/** Changes of sources that are listed. */
const CHANGES_MAX = 100

export function qualityRoutes({ ctx }: Runtime) {
  const view = (name: string) => platformView(name, ctx) ?? { name, title: name, mark: name.slice(0, 2).toUpperCase() }
  /** Checks that ask for fields. */
  const asking = () =>
    ctx.checks.filter((c) => ['value', 'law'].includes(String((c.params as { lacks?: string }).lacks))).map((c) => c.id)

  return new Hono<GuardEnv>().get(
    '/',
    describeRoute({
      summary: 'Missing fields by rule and country, and changed sources',
      tags: ['quality'],
      responses: {
        200: {
          description: 'Most records first; newest changes first.',
          content: { 'application/json': { schema: resolver(qualitySchema) } },
        },
      },
    }),
    requires('view'),
    async (c) => {
      const missing = await missingFields(ctx.facts, asking())
      const changes = ctx.control
        .streams()
        .filter((s) => ctx.config.platforms[s.platform])
        .flatMap((s) =>
          (shapeOf(ctx.control, s.platform, s.stream)?.changes ?? []).map((change) => ({
            platform: view(s.platform),
            stream: s.stream,
            kind: s.kind,
            change: changeView(change),
          })),
        )
      return c.json({
        missing: missing.map((m) => ({
          ...m,
          platform: view(m.platform),
          country: m.country || null,
          severity: m.severity as Severity,
        })),
        schema: changes.sort((a, b) => (a.change.at > b.change.at ? -1 : 1)).slice(0, CHANGES_MAX),
      } satisfies z.output<typeof qualitySchema>)
    },
  )
}
