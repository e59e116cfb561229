/** API tokens: for programs. Shown once, kept as a hash, bound to a person's role or less, and never able to approve. */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { PlumblineError } from '../errors.ts'
import { USER_ROLES, type ApiToken } from '../store/control/control.ts'
import { requires, type Caller, type GuardEnv, type GuardOptions } from './guard.ts'
import { digest, newSecret } from './passwords.ts'
import { invalid } from './problem.ts'

const DAY_MS = 86_400_000

const tokenSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    role: z.enum(USER_ROLES),
    owner: z.string().describe('Mail address of the person whom it acts for.'),
    created_at: z.string(),
    expires_at: z.string().nullable(),
    expired: z.boolean(),
    last_used_at: z.string().nullable(),
  })
  .meta({ id: 'ApiToken' })
const json = (schema: z.ZodType, description: string) => ({
  200: { description, content: { 'application/json': { schema: resolver(schema) } } },
})
/** A token may do at most what each of these roles may; approving is no business of programs. */
const RANK = { viewer: 0, operator: 1, approver: 1, admin: 2 } as const

export function tokenRoutes({ control, clock }: Pick<GuardOptions, 'control' | 'clock'>) {
  const stamp = (at: number | null) => (at === null ? null : new Date(at).toISOString())
  const shown = (t: ApiToken): z.output<typeof tokenSchema> => ({
    id: t.id,
    name: t.name,
    role: t.role,
    owner: control.user(t.userId)?.email ?? '',
    created_at: stamp(t.createdAt)!,
    expires_at: stamp(t.expiresAt),
    expired: t.expiresAt !== null && t.expiresAt <= clock.now(),
    last_used_at: stamp(t.lastUsedAt),
  })
  const visible = ({ role, user }: Caller) => control.tokens(role === 'admin' ? undefined : user.id)

  return new Hono<GuardEnv>()
    .get(
      '/',
      describeRoute({
        summary: 'Tokens',
        description: 'One’s own; for administrators everybody’s.',
        tags: ['tokens'],
        responses: json(z.array(tokenSchema), 'Tokens, without their secrets.'),
      }),
      requires('view'),
      (c) => c.json(visible(c.get('caller')).map(shown)),
    )
    .post(
      '/',
      describeRoute({
        summary: 'Make a token',
        tags: ['tokens'],
        responses: json(
          z.object({ token: tokenSchema, secret: z.string() }),
          'The token; its secret is told only now.',
        ),
      }),
      requires('view'),
      validator(
        'json',
        z.strictObject({
          name: z.string().trim().min(1).max(100),
          role: z.enum(['viewer', 'operator', 'admin']).describe('What it may do: the role of its owner or less.'),
          days: z.number().int().min(1).max(366).describe('Days until it ends.'),
        }),
        invalid,
      ),
      (c) => {
        const { name, role, days } = c.req.valid('json')
        const { user, role: own, by } = c.get('caller')
        if (by !== 'session')
          throw new PlumblineError('forbidden', 'Tokens are made by people.', { remedy: 'Sign in to the dashboard.' })
        if (RANK[role] > RANK[own])
          throw new PlumblineError('forbidden', `A ${own} cannot make a token that is ${role}.`, {
            remedy: `Choose ${own === 'viewer' ? 'viewer' : 'operator or viewer'}.`,
          })
        const secret = `plumb_${newSecret()}`
        const now = clock.now()
        const token: ApiToken = {
          id: randomUUID(),
          userId: user.id,
          name,
          hash: digest(secret),
          role,
          createdAt: now,
          expiresAt: now + days * DAY_MS,
          lastUsedAt: null,
        }
        control.transaction(() => {
          control.addToken(token)
          control.audit({
            at: now,
            actor: user.id,
            action: 'made token',
            object: `token ${token.id}`,
            detail: { name, role, days },
          })
        })
        return c.json({ token: shown(token), secret })
      },
    )
    .delete(
      '/:id',
      describeRoute({ summary: 'Revoke a token', tags: ['tokens'], responses: { 204: { description: 'Revoked.' } } }),
      requires('view'),
      (c) => {
        const id = c.req.param('id')!
        const caller = c.get('caller')
        if (!visible(caller).some((t) => t.id === id))
          throw new PlumblineError('not_found', 'There is no such token.', { remedy: 'GET /v1/tokens lists yours.' })
        control.transaction(() => {
          control.dropToken(id)
          control.audit({ at: clock.now(), actor: caller.user.id, action: 'revoked token', object: `token ${id}` })
        })
        return c.body(null, 204)
      },
    )
}
