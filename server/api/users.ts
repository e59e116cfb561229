/** People: accounts and roles. An administrator invites; the person sets a password by the one-time link. */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { PlumblineError } from '../errors.ts'
import { USER_ROLES, type User } from '../store/control/control.ts'
import { requires, type Caller, type GuardEnv, type GuardOptions } from './guard.ts'
import { digest, hashPassword, newSecret, passwordProblem } from './passwords.ts'
import { invalid } from './problem.ts'

const userSchema = z
  .object({
    id: z.string(),
    email: z.string(),
    name: z.string(),
    role: z.enum(USER_ROLES),
    disabled: z.boolean(),
    created_at: z.string(),
  })
  .meta({ id: 'User' })
/** An invitation that nobody takes up within a week is void. */
const INVITATION_MS = 7 * 86_400_000

const shown = (u: User): z.output<typeof userSchema> => ({
  id: u.id,
  email: u.email,
  name: u.name,
  role: u.role,
  disabled: u.disabled,
  created_at: new Date(u.createdAt).toISOString(),
})
const json = (schema: z.ZodType, description: string) => ({
  200: { description, content: { 'application/json': { schema: resolver(schema) } } },
})

export function userRoutes({ control, clock, origin }: GuardOptions) {
  function find(id: string): User {
    const user = control.user(id)
    if (!user)
      throw new PlumblineError('not_found', 'There is no such account.', { remedy: 'GET /v1/users lists them.' })
    return user
  }
  /** The last administrator must stay one, or nobody could ever let anybody in again. */
  function keepsAdministrator(changed: User): void {
    const others = control.users().some((u) => u.id !== changed.id && u.role === 'admin' && !u.disabled)
    if (!others && (changed.role !== 'admin' || changed.disabled))
      throw new PlumblineError('conflict', 'This is the last administrator.', {
        remedy: 'Make somebody else an administrator first.',
      })
  }

  return new Hono<GuardEnv>()
    .get(
      '/',
      describeRoute({ summary: 'All accounts', tags: ['users'], responses: json(z.array(userSchema), 'Accounts.') }),
      requires('administer'),
      (c) => c.json(control.users().map(shown)),
    )
    .post(
      '/',
      describeRoute({
        summary: 'Invite somebody',
        tags: ['users'],
        responses: json(z.object({ user: userSchema, link: z.string() }), 'The account and its one-time link.'),
      }),
      requires('administer'),
      validator(
        'json',
        z.strictObject({
          email: z.email().max(254),
          name: z.string().trim().min(1).max(100),
          role: z.enum(USER_ROLES),
        }),
        invalid,
      ),
      (c) => {
        const { email, name, role } = c.req.valid('json')
        const token = newSecret()
        const user: User = {
          id: randomUUID(),
          email: email.toLowerCase(),
          name,
          role,
          passwordHash: null,
          disabled: false,
          createdAt: clock.now(),
        }
        control.transaction(() => {
          if (control.userByEmail(user.email))
            throw new PlumblineError('conflict', 'There is an account with this mail address.', {
              remedy: 'Change its role instead.',
            })
          control.saveUser(user)
          control.addOneTime(digest(token), `password ${user.id}`, clock.now() + INVITATION_MS)
          control.audit({
            at: clock.now(),
            actor: (c.get('caller') as Caller).user.id,
            action: 'invited',
            object: `user ${user.id}`,
            detail: { role },
          })
        })
        return c.json({ user: shown(user), link: `${origin}/sign-in#${user.id}.${token}` })
      },
    )
    .post(
      '/:id/password',
      describeRoute({
        summary: 'Set a password by invitation',
        tags: ['users'],
        security: [],
        responses: { 204: { description: 'Set.' } },
      }),
      validator(
        'json',
        z.strictObject({ token: z.string().min(20).max(200), password: z.string().max(1024) }),
        invalid,
      ),
      async (c) => {
        const user = find(c.req.param('id')!)
        const { token, password } = c.req.valid('json')
        const weakness = passwordProblem(password, user.email)
        if (weakness) throw new PlumblineError('schema', weakness, { remedy: 'Choose another password.' })
        const passwordHash = await hashPassword(password)
        control.transaction(() => {
          if (!control.takeOneTime(digest(token), `password ${user.id}`, clock.now()))
            throw new PlumblineError('auth', 'This invitation has been used or has expired.', {
              remedy: 'Ask an administrator for a new one.',
            })
          control.saveUser({ ...user, passwordHash })
          control.dropSessionsOf(user.id)
          control.audit({ at: clock.now(), actor: user.id, action: 'set password', object: `user ${user.id}` })
        })
        return c.body(null, 204)
      },
    )
    .patch(
      '/:id',
      describeRoute({ summary: 'Change role or access', tags: ['users'], responses: json(userSchema, 'The account.') }),
      requires('administer'),
      validator(
        'json',
        z.strictObject({ role: z.enum(USER_ROLES).optional(), disabled: z.boolean().optional() }),
        invalid,
      ),
      (c) => {
        const change = c.req.valid('json')
        const before = find(c.req.param('id')!)
        const user: User = { ...before, role: change.role ?? before.role, disabled: change.disabled ?? before.disabled }
        control.transaction(() => {
          keepsAdministrator(user)
          control.saveUser(user)
          // A changed role must not live on in a session that was opened under the old one.
          control.dropSessionsOf(user.id)
          control.audit({
            at: clock.now(),
            actor: (c.get('caller') as Caller).user.id,
            action: 'changed access',
            object: `user ${user.id}`,
            detail: { role: user.role, disabled: user.disabled },
          })
        })
        return c.json(shown(user))
      },
    )
}
