/** Schema of a platform: what the raw objects of its streams look like as we collected them. */
import { Hono } from 'hono'
import { describeRoute, resolver } from 'hono-openapi'
import { z } from 'zod'
import { iso } from '../clock.ts'
import { PlumblineError } from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import { shapeOf, type ObservedField } from '../store/control/shapes.ts'
import { requires, type GuardEnv } from './guard.ts'
import { changeSchema, changeView } from './quality.ts'

const fieldSchema = z.object({
  path: z.string(),
  type: z.string().describe('Class of nearly all values, or `mixed`, or `nothing`.'),
  present: z.number().describe('Share of the rows that have the field, 0 to 1.'),
  blank: z.number().describe('Share of those in which it is null or empty, 0 to 1.'),
  values: z
    .array(z.object({ value: z.string(), rows: z.number().int() }))
    .nullable()
    .describe('Of fields that say a state or a sort.'),
  read: z.boolean().nullable(),
  first_seen_at: z.string(),
  last_seen_at: z.string(),
})
const schemaSchema = z
  .array(
    z.object({
      stream: z.string(),
      kind: z.string(),
      rows: z.number().int().describe('Rows looked at so far.'),
      since: z.string().nullable(),
      at: z.string().nullable(),
      fields: z.array(fieldSchema),
      changes: z.array(changeSchema),
    }),
  )
  .meta({ id: 'ConnectorSchema' })

export function connectorSchemaRoutes({ ctx }: Runtime) {
  return new Hono<GuardEnv>().get(
    '/:platform/schema',
    describeRoute({
      summary: 'Fields of a platform as they were observed, and what became different',
      tags: ['connectors'],
      responses: {
        200: {
          description: 'One entry a stream.',
          content: { 'application/json': { schema: resolver(schemaSchema) } },
        },
      },
    }),
    requires('view'),
    (c) => {
      const name = c.req.param('platform')
      if (!ctx.config.platforms[name])
        throw new PlumblineError('not_found', `There is no platform "${name}".`, {
          remedy: `Configured: ${Object.keys(ctx.config.platforms).join(', ')}.`,
        })
      const streams = ctx.control.streams().filter((s) => s.platform === name)
      return c.json(
        streams.map((s) => {
          const shape = shapeOf(ctx.control, name, s.stream)
          return {
            stream: s.stream,
            kind: s.kind,
            rows: shape?.rows ?? 0,
            since: shape ? iso(shape.since) : null,
            at: shape ? iso(shape.at) : null,
            fields: shape ? Object.entries(shape.fields).map(([path, f]) => fieldView(path, f, shape.rows)) : [],
            changes: shape ? shape.changes.toReversed().map(changeView) : [],
          }
        }) satisfies z.output<typeof schemaSchema>,
      )
    },
  )
}

function fieldView(path: string, f: ObservedField, rows: number): z.output<typeof fieldSchema> {
  const said = Object.entries(f.classes).sort((a, b) => b[1] - a[1])
  const all = said.reduce((sum, [, n]) => sum + n, 0)
  const [first] = said
  return {
    path,
    type: first === undefined ? 'nothing' : first[1] >= all * 0.95 ? first[0] : 'mixed',
    present: share(f.present, rows - f.since),
    blank: share(f.blank, f.present),
    values:
      f.values && Object.keys(f.values).length > 0
        ? Object.entries(f.values)
            .map(([value, n]) => ({ value, rows: n }))
            .sort((a, b) => b.rows - a.rows)
        : null,
    read: f.read,
    first_seen_at: iso(f.firstAt),
    last_seen_at: iso(f.lastAt),
  }
}

const share = (part: number, all: number) => (all <= 0 ? 0 : Math.min(1, Math.round((part / all) * 1000) / 1000))
