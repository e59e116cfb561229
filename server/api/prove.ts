/** Step-up: who is signed in proves again that it is they, before approving or applying. */
import { Hono } from 'hono'
import { describeRoute, validator } from 'hono-openapi'
import { z } from 'zod'
import { PlumblineError } from '../errors.ts'
import { requires, type GuardEnv, type GuardOptions } from './guard.ts'
import { passwordMatches } from './passwords.ts'
import { invalid } from './problem.ts'
import type { Throttle } from './throttle.ts'

export function proveRoutes({ control, clock, throttle }: GuardOptions & { throttle: Throttle }) {
  return new Hono<GuardEnv>().post(
    '/prove',
    describeRoute({
      summary: 'Prove again who you are, for the next five minutes',
      tags: ['session'],
      responses: { 204: { description: 'Proved.' } },
    }),
    requires('view'),
    validator('json', z.strictObject({ password: z.string().max(1024) }), invalid),
    async (c) => {
      const { user, session } = c.get('caller')
      if (!session)
        throw new PlumblineError('forbidden', 'Only a person who is signed in can prove to be that person.', {
          remedy: 'Sign in with the dashboard or the command line.',
        })
      const slot = throttle.attempt(`prove ${user.id}`, user.id)
      const at = clock.now()
      if (!(await passwordMatches(c.req.valid('json').password, user.passwordHash))) {
        control.audit({ at, actor: user.id, action: 'proof refused', object: 'session' })
        throw new PlumblineError('auth', 'The password does not match.', {
          remedy:
            user.passwordHash === null ? 'Your account has no password: sign in again by a new link.' : 'Try again.',
        })
      }
      slot.succeeded()
      control.touchSession(session.id, at, at)
      control.audit({ at, actor: user.id, action: 'proved', object: 'session' })
      return c.body(null, 204)
    },
  )
}
