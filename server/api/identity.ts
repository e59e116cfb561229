/** Identity: what the linker proposes, why records are one thing, who was one when, and what people decide about it. */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import { iso } from '../clock.ts'
import { identityOf } from '../identity.ts'
import type { Runtime } from '../runtime.ts'
import { stillKept } from '../store/kept-since.ts'
import { actorOf } from './decisions.ts'
import { requires, type GuardEnv } from './guard.ts'
import {
  decisionSchema,
  decisionView,
  entityAtSchema,
  entitySchema,
  explainedSchema,
  explainedView,
  historySchema,
  modelSchema,
  modelView,
  proposedSchema,
  suggestionPage,
  suggestionView,
  whatIfSchema,
} from './identity-views.ts'
import { invalid } from './problem.ts'

const route = (summary: string, schema: z.ZodType) =>
  describeRoute({
    summary,
    tags: ['identity'],
    responses: { 200: { description: summary, content: { 'application/json': { schema: resolver(schema) } } } },
  })

const kind = z.string().max(40).default('customer')
const names = z.array(z.string().min(3).max(600)).min(1).max(500)
const reason = z.string().trim().min(3).max(1000).describe('Why, in a sentence.')
const instant = z.iso.datetime({ offset: true }).optional()
/** What a person may do; `link` is the linker's own. */
const wish = z.strictObject({
  kind,
  action: z.enum(['confirm', 'reject', 'split', 'merge', 'cut']),
  groups: z
    .array(names)
    .min(1)
    .max(50)
    .describe('Records as platform:id. To join: all in one group. To keep apart: two groups or more.'),
})

export function identityRoutes({ ctx, live }: Runtime) {
  const identity = identityOf(ctx)
  const changed = () => live.publish({ type: 'checked', at: iso(ctx.clock.now()), opened: 0, resolved: 0, open: 0 })

  return new Hono<GuardEnv>()
    .get(
      '/suggestions',
      route('Pairs of records that are probably one thing, likeliest first', suggestionPage),
      requires('view'),
      validator(
        'query',
        z.object({
          kind,
          limit: z.coerce.number().int().min(1).max(200).default(50),
          offset: z.coerce.number().int().min(0).max(100_000).default(0),
        }),
        invalid,
      ),
      async (c) => {
        const { kind, ...page } = c.req.valid('query')
        const { rows, total } = await identity.suggestions(kind, page)
        return c.json({ suggestions: rows.map(suggestionView), total })
      },
    )
    .get(
      '/suggestions/:kind/:id',
      route('One suggestion: the weight of every piece of evidence, and both records', explainedSchema),
      requires('view'),
      async (c) => c.json(explainedView(await identity.suggestion(c.req.param('kind')!, c.req.param('id')!))),
    )
    .get(
      '/entities/:kind/:id',
      route('Why the records of an entity are one thing', entitySchema),
      requires('view'),
      async (c) => {
        const found = await identity.entity(c.req.param('kind')!, c.req.param('id')!)
        return c.json({ ...found, decisions: found.decisions.map(decisionView) })
      },
    )
    .get(
      '/entities/:kind/:id/at',
      route('Which records were this entity at an instant, as known at another', entityAtSchema),
      requires('view'),
      validator(
        'query',
        z.object({
          as_of: instant.describe('The moment asked about; default now.'),
          known_at: instant.describe('What was known by then counts; default now.'),
        }),
        invalid,
      ),
      async (c) => {
        const { as_of, known_at } = c.req.valid('query')
        const now = ctx.clock.now()
        const at = { asOf: as_of ? Date.parse(as_of) : now, knownAt: known_at ? Date.parse(known_at) : now }
        stillKept(ctx, Math.min(at.asOf, at.knownAt))
        const found = await identity.entityAt(c.req.param('kind')!, c.req.param('id')!, at)
        return c.json({ ...found, as_of: iso(at.asOf), known_at: iso(at.knownAt) })
      },
    )
    .get(
      '/history',
      route('Every entity that a record has belonged to, oldest first', historySchema),
      requires('view'),
      validator('query', z.object({ kind, record: z.string().min(3).max(600).describe('platform:id') }), invalid),
      async (c) => {
        const { kind, record } = c.req.valid('query')
        return c.json(await identity.history(kind, record))
      },
    )
    .get(
      '/models',
      route('Parameters that evidence is weighed by', z.array(modelSchema)),
      requires('view'),
      async (c) => c.json((await identity.models()).map(modelView)),
    )
    .get(
      '/decisions',
      route('What people decided, newest first', z.array(decisionSchema)),
      requires('view'),
      validator('query', z.object({ kind: z.string().max(40).optional() }), invalid),
      (c) => c.json(identity.decisions(c.req.valid('query').kind).slice(0, 200).map(decisionView)),
    )
    .post(
      '/decisions',
      route('Confirm, reject, merge, split or cut', decisionSchema),
      requires('operate'),
      validator('json', wish.extend({ reason, model: z.string().max(60).optional() }), invalid),
      async (c) => {
        const decided = await identity.decide({ ...c.req.valid('json'), actor: actorOf(c) })
        changed()
        return c.json(decisionView(decided))
      },
    )
    .post(
      '/decisions/:id/undo',
      route('Take a decision back; entities get their ids back', decisionSchema),
      requires('operate'),
      validator('param', z.object({ id: z.coerce.number().int().positive() }), invalid),
      validator('json', z.strictObject({ reason }), invalid),
      async (c) => {
        const undone = await identity.undo(c.req.valid('param').id, { ...c.req.valid('json'), actor: actorOf(c) })
        changed()
        return c.json(decisionView(undone))
      },
    )
    .post(
      '/propose',
      route('Estimate the model anew and look at all records', z.array(proposedSchema)),
      requires('operate'),
      validator('json', z.strictObject({ kind }), invalid),
      async (c) => c.json(await identity.propose([c.req.valid('json').kind])),
    )
    .post(
      '/what-if',
      route('Which drift would appear or vanish; nothing is written', whatIfSchema),
      requires('view'),
      validator('json', wish, invalid),
      async (c) => c.json(await identity.whatIf(c.req.valid('json'))),
    )
}
