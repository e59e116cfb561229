/** Mentions over HTTP: who was spoken to in a comment; each person sees their own. */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import { iso } from '../clock.ts'
import type { Runtime } from '../runtime.ts'
import type { User } from '../store/control/control.ts'
import { requires, type Caller, type GuardEnv } from './guard.ts'
import { invalid } from './problem.ts'

const mentionsSchema = z
  .object({
    unread: z.number().int(),
    mentions: z.array(
      z.object({
        id: z.number().int(),
        issue: z.string(),
        at: z.string(),
        by: z.string(),
        says: z.string(),
        read: z.boolean(),
      }),
    ),
  })
  .meta({ id: 'Mentions' })
const SHOWN = 100

/** People that a text speaks to: `@ada@kranich.example`, or `@ada` where only one address begins so. */
export function mentioned(text: string, users: readonly User[]): User[] {
  const active = users.filter((u) => !u.disabled)
  const named = [...text.matchAll(/(?<![\w.@])@([\w.+-]+(?:@[\w-]+(?:\.[\w-]+)+)?)/g)].map((m) =>
    m[1]!.toLowerCase().replace(/[.,]+$/, ''),
  )
  const found = named.flatMap((name) => {
    const fitting = active.filter((u) => u.email === name || u.email.split('@')[0] === name)
    return fitting.length === 1 ? fitting : []
  })
  return [...new Set(found)]
}

export function mentionRoutes({ ctx: { control, clock } }: Runtime) {
  const view = (me: string) => ({
    unread: control.unreadMentions(me),
    mentions: control.mentions(me, SHOWN).map((m) => ({
      ...{ id: m.id, issue: `I-${m.issue}`, at: iso(m.at), by: m.by, says: m.says, read: m.readAt !== null },
    })),
  })
  const me = (c: { get(name: 'caller'): Caller }) => c.get('caller').user.id
  const described = (summary: string) =>
    describeRoute({
      summary,
      tags: ['mentions'],
      responses: {
        200: { description: 'Mine.', content: { 'application/json': { schema: resolver(mentionsSchema) } } },
      },
    })
  return new Hono<GuardEnv>()
    .get('/', described('Where somebody spoke to me'), requires('view'), (c) => c.json(view(me(c))))
    .post(
      '/read',
      described('I have seen these, or all'),
      requires('view'),
      validator('json', z.strictObject({ ids: z.array(z.number().int()).max(1000).optional() }), invalid),
      (c) => {
        control.readMentions(me(c), clock.now(), c.req.valid('json').ids)
        return c.json(view(me(c)))
      },
    )
}
