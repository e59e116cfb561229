/** Reasons over HTTP: the usual ones of this company, and how often each stands behind a decision that is in force. */
import { Hono } from 'hono'
import { describeRoute, resolver } from 'hono-openapi'
import { z } from 'zod'
import type { Runtime } from '../runtime.ts'
import { requires, type GuardEnv } from './guard.ts'
import { isAccepted, isSnoozed } from './search.ts'

const list = z.array(z.object({ reason: z.string(), used: z.number().int().describe('Decisions in force.') }))
const reasonsSchema = z.object({ accept: list, snooze: list }).meta({ id: 'Reasons' })

export function reasonRoutes({ ctx }: Runtime) {
  return new Hono<GuardEnv>().get(
    '/',
    describeRoute({
      summary: 'Usual reasons to accept or put off',
      tags: ['issues'],
      responses: {
        200: { description: 'Reasons.', content: { 'application/json': { schema: resolver(reasonsSchema) } } },
      },
    }),
    requires('view'),
    (c) => {
      const now = ctx.clock.now()
      const worked = ctx.control.workedIssues()
      const given = {
        accept: worked.filter((i) => isAccepted(i, now)).map((i) => i.acceptReason),
        snooze: worked.filter((i) => isSnoozed(i, now)).map((i) => i.snoozeReason),
      }
      const counted = (of: 'accept' | 'snooze') =>
        ctx.config.reasons[of].map((reason) => ({ reason, used: given[of].filter((g) => g === reason).length }))
      return c.json({ accept: counted('accept'), snooze: counted('snooze') })
    },
  )
}
