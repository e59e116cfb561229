/** Sign-in: sessions by password or one-time token; the first administrator is made by the token that the server prints. */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { PlumblineError } from '../errors.ts'
import { USER_ROLES, type User } from '../store/control/control.ts'
import { endSession, requires, startSession, type Caller, type GuardEnv, type GuardOptions } from './guard.ts'
import { digest, hashPassword, passwordMatches, passwordProblem } from './passwords.ts'
import { invalid } from './problem.ts'
import type { Throttle } from './throttle.ts'

export const sessionSchema = z
  .object({
    user: z
      .object({
        email: z.string(),
        name: z.string(),
        role: z.enum(USER_ROLES),
        language: z.string().nullable().describe('What this person chose for the dashboard; null: the browser’s.'),
      })
      .nullable()
      .describe('Who is signed in; null: nobody.'),
    company: z.string(),
    version: z.string(),
    first_administrator: z
      .boolean()
      .describe('True while no account exists: sign-in asks for the one-time token that the server printed.'),
  })
  .meta({ id: 'Session' })

export interface SessionOptions extends GuardOptions {
  company: string
  version: string
  throttle: Throttle
}

const email = z.email().max(254)
const json = (schema: z.ZodType, description: string) => ({
  200: { description, content: { 'application/json': { schema: resolver(schema) } } },
})

export function sessionRoutes(options: SessionOptions) {
  const { control, clock, throttle } = options

  const state = (caller: Caller | undefined): z.output<typeof sessionSchema> => ({
    user: caller
      ? {
          email: caller.user.email,
          name: caller.user.name,
          role: caller.role,
          language: control.language(caller.user.id),
        }
      : null,
    company: options.company,
    version: options.version,
    first_administrator: control.users().length === 0,
  })
  const signedIn = (user: User) => state({ user, role: user.role, by: 'session', session: null })

  return new Hono<GuardEnv>()
    .get(
      '/',
      describeRoute({
        summary: 'Who is signed in',
        tags: ['session'],
        security: [],
        responses: json(sessionSchema, 'The session.'),
      }),
      (c) => c.json(state(c.get('caller'))),
    )
    .post(
      '/',
      describeRoute({
        summary: 'Sign in with mail address and password',
        tags: ['session'],
        security: [],
        responses: json(sessionSchema, 'Signed in.'),
      }),
      validator('json', z.strictObject({ email, password: z.string().max(1024) }), invalid),
      async (c) => {
        const { email: address, password } = c.req.valid('json')
        const slot = throttle.attempt(address.toLowerCase(), remote(c.req.raw))
        const user = control.userByEmail(address.toLowerCase())
        // The hash is computed for unknown accounts too: the time taken must not tell which addresses exist.
        const matches = await passwordMatches(password, user?.disabled === false ? user.passwordHash : null)
        if (!user || !matches) {
          control.audit({
            at: clock.now(),
            actor: 'anonymous',
            action: 'sign-in refused',
            object: 'session',
            detail: { account: digest(address.toLowerCase()).slice(0, 16) },
          })
          throw new PlumblineError('auth', 'Mail address and password do not match.', {
            remedy: 'Check both; after several mistakes wait a moment.',
          })
        }
        slot.succeeded()
        startSession(c, options, user)
        control.audit({ at: clock.now(), actor: user.id, action: 'signed in', object: 'session' })
        return c.json(signedIn(user))
      },
    )
    .post(
      '/one-time',
      describeRoute({
        summary: 'Sign in with a one-time link',
        tags: ['session'],
        security: [],
        responses: json(sessionSchema, 'Signed in.'),
      }),
      validator('json', z.strictObject({ token: z.string().min(20).max(200) }), invalid),
      (c) => {
        const { token } = c.req.valid('json')
        throttle.attempt('one-time', remote(c.req.raw)).succeeded()
        const user = control
          .users()
          .find((u) => !u.disabled && control.takeOneTime(digest(token), `sign-in ${u.id}`, clock.now()))
        if (!user)
          throw new PlumblineError('auth', 'This link has been used or has expired.', {
            remedy: 'Start the server again for a new one, or sign in with your password.',
          })
        startSession(c, options, user)
        control.audit({ at: clock.now(), actor: user.id, action: 'signed in by one-time link', object: 'session' })
        return c.json(signedIn(user))
      },
    )
    .post(
      '/first-administrator',
      describeRoute({
        summary: 'Make the first account',
        tags: ['session'],
        security: [],
        responses: json(sessionSchema, 'Made and signed in.'),
      }),
      validator(
        'json',
        z.strictObject({
          token: z.string().min(20).max(200),
          email,
          name: z.string().trim().min(1).max(100),
          password: z.string().max(1024),
        }),
        invalid,
      ),
      async (c) => {
        const { token, email: address, name, password } = c.req.valid('json')
        throttle.attempt('first-administrator', remote(c.req.raw)).succeeded()
        const weakness = passwordProblem(password, address)
        if (weakness) throw new PlumblineError('schema', weakness, { remedy: 'Choose another password.' })
        const passwordHash = await hashPassword(password)
        const user: User = {
          id: randomUUID(),
          email: address.toLowerCase(),
          name,
          role: 'admin',
          passwordHash,
          disabled: false,
          createdAt: clock.now(),
        }
        control.transaction(() => {
          if (control.users().length > 0)
            throw new PlumblineError('conflict', 'There is an administrator already.', {
              remedy: 'Sign in, or ask the administrator for an account.',
            })
          if (!control.takeOneTime(digest(token), 'first administrator', clock.now())) {
            throw new PlumblineError('auth', 'This token has been used or has expired.', {
              remedy: 'Start the server again: it prints a new one.',
            })
          }
          control.saveUser(user)
          control.audit({
            at: clock.now(),
            actor: user.id,
            action: 'made first administrator',
            object: `user ${user.id}`,
          })
        })
        startSession(c, options, user)
        return c.json(signedIn(user))
      },
    )
    .delete(
      '/',
      describeRoute({ summary: 'Sign out', tags: ['session'], responses: { 204: { description: 'Signed out.' } } }),
      requires('view'),
      (c) => {
        endSession(c, options)
        c.header('clear-site-data', '"cache", "storage"')
        return c.body(null, 204)
      },
    )
}

/** The connection's address as @hono/node-server passes it along; the throttle's second key. */
function remote(request: Request): string {
  const incoming = (request as { incoming?: { socket?: { remoteAddress?: string } } }).incoming
  return incoming?.socket?.remoteAddress ?? 'unknown'
}
