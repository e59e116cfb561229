/** Entities over time: what every platform said at an instant, what changed between two, when they first disagreed. */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import { kindOf } from '../../model/kinds.ts'
import { disagreements, recordsAt } from '../../model/past.ts'
import { iso } from '../clock.ts'
import { PlumblineError } from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import { entityAt, entityPast } from '../store/facts/past/entity.ts'
import { keptFrom, stillKept } from '../store/kept-since.ts'
import { eventsOfSubjects } from '../store/facts/subject-events.ts'
import { comparedFields, ownersOf } from './entity-owners.ts'
import { disagreementSchema, disagreementView, stateSchema, stateView } from './entity-views.ts'
import { requires, type GuardEnv } from './guard.ts'
import { invalid } from './problem.ts'
import { timelineSchema, timelineView } from './timeline-view.ts'

const instant = z.iso.datetime({ offset: true })
const json = (schema: z.ZodType, description: string) => ({
  200: { description, content: { 'application/json': { schema: resolver(schema) } } },
})

const comparisonSchema = z
  .object({
    entity_id: z.string(),
    kind: z.string(),
    from: z.string(),
    to: z.string(),
    changes: z.array(
      z.object({
        field: z.string(),
        label: z.string(),
        platform: z.string(),
        record_id: z.string(),
        before: z.string().nullable(),
        after: z.string().nullable(),
      }),
    ),
    appeared: z.array(z.object({ platform: z.string(), record_id: z.string() })),
    gone: z.array(z.object({ platform: z.string(), record_id: z.string() })),
  })
  .meta({ id: 'EntityComparison' })

const firstSchema = z
  .object({
    entity_id: z.string(),
    field: z.string(),
    first: disagreementSchema.nullable().describe('Null: they never disagreed, as far as is known.'),
    times: z.number().int().describe('How often they came to disagree in the span.'),
  })
  .meta({ id: 'FirstDisagreement' })

const DAY = 86_400_000

export function entityRoutes({ ctx }: Runtime) {
  const until = (text: string | undefined) =>
    text === undefined ? ctx.clock.now() : Math.min(Date.parse(text), ctx.clock.now())

  return new Hono<GuardEnv>()
    .get(
      '/:entity/at',
      describeRoute({
        summary: 'What every platform said at an instant, as known then',
        tags: ['time'],
        responses: json(stateSchema, 'The state.'),
      }),
      requires('view'),
      validator('query', z.object({ instant: instant.optional().describe('Default: now.') }), invalid),
      async (c) => {
        const at = stillKept(ctx, until(c.req.valid('query').instant))
        const past = await entityAt(ctx.facts, c.req.param('entity') ?? '', at)
        return c.json(stateView(past, at, ownersOf(ctx, past.kind), comparedFields(past.kind), ctx))
      },
    )
    .get(
      '/:entity/compare',
      describeRoute({
        summary: 'What became different between two instants',
        tags: ['time'],
        responses: json(comparisonSchema, 'The comparison.'),
      }),
      requires('view'),
      validator('query', z.object({ from: instant, to: instant.optional() }), invalid),
      async (c) => {
        const q = c.req.valid('query')
        const [from, to] = [stillKept(ctx, Date.parse(q.from)), until(q.to)]
        const past = await entityPast(ctx.facts, c.req.param('entity') ?? '', to)
        const [before, after] = [recordsAt(past, from), recordsAt(past, to)]
        const key = (r: (typeof before)[number]) => `${r.version.platform}\n${r.version.record_id}`
        const name = ({ version: v }: (typeof before)[number]) => ({ platform: v.platform, record_id: v.record_id })
        const [then, now] = [new Map(before.map((r) => [key(r), r])), new Map(after.map((r) => [key(r), r]))]
        const changes = kindOf(past.kind).fields.flatMap((f) =>
          after.flatMap((r) => {
            const old = then.get(key(r))?.version.fields[f.name]
            const said = r.version.fields[f.name]
            if (!then.has(key(r)) || (old?.is === said?.is && old?.value === said?.value)) return []
            return [
              { field: f.name, label: f.label, ...name(r), before: old?.value ?? null, after: said?.value ?? null },
            ]
          }),
        )
        return c.json({
          entity_id: past.entity,
          kind: past.kind,
          from: iso(from),
          to: iso(to),
          changes,
          appeared: after.filter((r) => !then.has(key(r))).map(name),
          gone: before.filter((r) => !now.has(key(r))).map(name),
        })
      },
    )
    .get(
      '/:entity/timeline',
      describeRoute({
        summary: 'Lanes, changes, disagreements and events between two instants',
        tags: ['time'],
        responses: json(timelineSchema, 'The timeline.'),
      }),
      requires('view'),
      validator(
        'query',
        z.object({ from: instant.optional().describe('Default: 90 days before the end.'), to: instant.optional() }),
        invalid,
      ),
      async (c) => {
        const q = c.req.valid('query')
        const to = until(q.to)
        const from = keptFrom(ctx, q.from === undefined ? to - 90 * DAY : Date.parse(q.from))
        const past = await entityPast(ctx.facts, c.req.param('entity') ?? '', to)
        const subjects = past.memberships.map((m) => ({
          platform: m.platform,
          kind: past.kind,
          record_id: m.record_id,
        }))
        const told = [...(await eventsOfSubjects(ctx.facts, subjects)).values()].flat()
        const events = [...new Map(told.map((e) => [e.id, e])).values()].sort((a, b) => (a.at < b.at ? -1 : 1))
        return c.json(
          timelineView(
            { past, from, to, owners: ownersOf(ctx, past.kind), fields: comparedFields(past.kind), events },
            ctx,
          ),
        )
      },
    )
    .get(
      '/:entity/first-disagreement',
      describeRoute({
        summary: 'When platforms first disagreed about a field, and what made them',
        tags: ['time'],
        responses: json(firstSchema, 'The disagreement.'),
      }),
      requires('view'),
      validator(
        'query',
        z.object({ field: z.string().max(80), from: instant.optional(), to: instant.optional() }),
        invalid,
      ),
      async (c) => {
        const { field, from, to } = c.req.valid('query')
        const past = await entityPast(ctx.facts, c.req.param('entity') ?? '', until(to))
        const fields = comparedFields(past.kind)
        if (!fields.includes(field))
          throw new PlumblineError(
            'schema',
            `field: ${JSON.stringify(field)} is no field of a ${past.kind} that is compared over time.`,
            { remedy: `Use one of ${fields.join(', ')}.` },
          )
        const since = keptFrom(ctx, from === undefined ? -Infinity : Date.parse(from))
        const found = disagreements(past, [field], ownersOf(ctx, past.kind)).filter((d) => (d.to ?? Infinity) > since)
        return c.json({
          entity_id: past.entity,
          field,
          first: found[0] ? disagreementView(found[0], past.kind, ctx) : null,
          times: found.length,
        })
      },
    )
}
