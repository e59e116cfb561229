/** Saved views over HTTP: ways of looking at a list that people keep for themselves or share with everybody. */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import { LISTS, VOCABULARIES } from '../../model/vocabularies.ts'
import { PlumblineError } from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import type { SavedView } from '../store/control/saved-views.ts'
import { requires, type Caller, type GuardEnv } from './guard.ts'
import { invalid } from './problem.ts'
import { partsOf } from './search.ts'

const viewSchema = z
  .object({
    id: z.number().int(),
    list: z.enum(LISTS),
    name: z.string(),
    search: z.string().describe('The address without its path: `q=is%3Aopen&sort=risk`.'),
    shared: z.boolean(),
    mine: z.boolean(),
    by: z.string(),
  })
  .meta({ id: 'SavedView' })
const wish = z.strictObject({
  list: z.enum(LISTS),
  name: z.string().trim().min(1).max(60),
  search: z.string().max(1000),
  shared: z.boolean().default(false).describe('Everybody sees it; takes the right to operate.'),
})
const json = (schema: z.ZodType, description: string) => ({
  200: { description, content: { 'application/json': { schema: resolver(schema) } } },
})
/** Views of one person for one list: the bar has to hold them. */
const VIEWS_MAX = 30

export function savedViewRoutes({ ctx: { control, clock } }: Runtime) {
  const shown = (v: SavedView, me: string): z.output<typeof viewSchema> => ({
    ...{ id: v.id, list: v.list as z.output<typeof viewSchema>['list'], name: v.name, search: v.search },
    ...{ shared: v.shared, mine: v.owner === me, by: control.user(v.owner)?.name ?? v.owner },
  })
  const me = (c: { get(name: 'caller'): Caller }) => c.get('caller').user.id

  return new Hono<GuardEnv>()
    .get(
      '/',
      describeRoute({
        summary: 'My saved views and those that are shared',
        tags: ['lists'],
        responses: json(z.array(viewSchema), 'Views, oldest first.'),
      }),
      requires('view'),
      validator('query', z.object({ list: z.enum(LISTS).optional() }), invalid),
      (c) => c.json(control.savedViews(me(c), c.req.valid('query').list).map((v) => shown(v, me(c)))),
    )
    .post(
      '/',
      describeRoute({
        summary: 'Save a view; the same name again changes it',
        tags: ['lists'],
        responses: json(viewSchema, 'The view.'),
      }),
      requires('view'),
      validator('json', wish, invalid),
      (c) => {
        const view = c.req.valid('json')
        const owner = me(c)
        const { role } = c.get('caller') as Caller
        if (view.shared && role === 'viewer')
          throw new PlumblineError('forbidden', 'Your role viewer may not share views.', {
            remedy: 'Save it for yourself, or ask an operator to share it.',
          })
        const q = new URLSearchParams(view.search).get('q')
        // A view that cannot be read would be a tab that always fails.
        if (q !== null) partsOf(q, VOCABULARIES[view.list])
        const own = control.savedViews(owner, view.list).filter((v) => v.owner === owner)
        if (own.length >= VIEWS_MAX && !own.some((v) => v.name === view.name))
          throw new PlumblineError('full', `You have ${VIEWS_MAX} views of this list.`, {
            remedy: 'Remove one that you no longer use.',
          })
        return c.json(shown(control.saveView({ ...view, owner }, { actor: owner, at: clock.now() }), owner))
      },
    )
    .delete(
      '/:id',
      describeRoute({
        summary: 'Remove a view: one’s own, or as an administrator any that is shared',
        tags: ['lists'],
        responses: { 204: { description: 'Removed.' } },
      }),
      requires('view'),
      (c) => {
        const caller = c.get('caller') as Caller
        const view = /^\d{1,12}$/.test(c.req.param('id')) ? control.savedView(Number(c.req.param('id'))) : null
        const seen = view && (view.owner === caller.user.id || view.shared)
        if (!seen)
          throw new PlumblineError('not_found', `There is no view ${c.req.param('id')}.`, {
            remedy: 'GET /v1/views lists yours.',
          })
        if (view.owner !== caller.user.id && caller.role !== 'admin')
          throw new PlumblineError('forbidden', `This view belongs to ${shown(view, '').by}.`, {
            remedy: 'Ask them, or an administrator, to remove it.',
          })
        control.dropView(view.id, { actor: caller.user.id, at: clock.now() })
        return c.body(null, 204)
      },
    )
}
