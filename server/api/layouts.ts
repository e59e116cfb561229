/** Layouts over HTTP: each person’s own choice and order of cards on the homes and the overview. */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import type { Runtime } from '../runtime.ts'
import { requires, type Caller, type GuardEnv } from './guard.ts'
import { invalid } from './problem.ts'

const layoutsSchema = z
  .record(z.string(), z.array(z.string()))
  .describe('Screen → cards that are shown, in their order; a screen that is missing is as the role has it.')
  .meta({ id: 'Layouts' })
const screen = z.strictObject({ screen: z.string().regex(/^(overview|home-[a-z]{1,20})$/) })
const card = z.string().regex(/^[a-z]+(-[a-z0-9]+)*$/, 'write the name of a card')
const wish = z.strictObject({
  cards: z.array(card.max(60)).max(40).nullable().describe('Null: as the role has it.'),
})

export function layoutRoutes({ ctx: { control, clock } }: Runtime) {
  const me = (c: { get(name: 'caller'): Caller }) => c.get('caller').user.id
  const described = (summary: string) =>
    describeRoute({
      summary,
      tags: ['session'],
      responses: {
        200: { description: 'Layouts.', content: { 'application/json': { schema: resolver(layoutsSchema) } } },
      },
    })
  return new Hono<GuardEnv>()
    .get('/', described('My layouts'), requires('view'), (c) => c.json(control.layouts(me(c))))
    .put(
      '/:screen',
      described('Keep which cards of a screen I am shown'),
      requires('view'),
      validator('param', screen, invalid),
      validator('json', wish, invalid),
      (c) => {
        const { cards } = c.req.valid('json')
        control.keepLayout(me(c), c.req.valid('param').screen, cards && [...new Set(cards)], clock.now())
        return c.json(control.layouts(me(c)))
      },
    )
}
