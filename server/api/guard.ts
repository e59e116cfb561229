/** The guard: who is asking, what they may do, and whether the request really comes from our own page. */
import type { Context as HonoContext, MiddlewareHandler } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { createMiddleware } from 'hono/factory'
import type { Clock } from '../clock.ts'
import { PlumblineError } from '../errors.ts'
import type { ControlStore, Session, User, UserRole } from '../store/control/control.ts'
import { digest, newSecret } from './passwords.ts'

export const SESSION_IDLE_MS = 60 * 60_000
export const SESSION_ABSOLUTE_MS = 24 * 3_600_000

/** What a route asks for. Every route names one; `open` is for sign-in and health alone. */
export type Permission = 'view' | 'operate' | 'approve' | 'administer'

/** An administrator does not approve: who sets the rules must not use them. */
const GRANTS: Record<UserRole, readonly Permission[]> = {
  viewer: ['view'],
  operator: ['view', 'operate'],
  approver: ['view', 'operate', 'approve'],
  admin: ['view', 'operate', 'administer'],
}

export interface Caller {
  user: User
  role: UserRole
  /** `session` for people; tokens never approve. */
  by: 'session' | 'token' | 'local'
  session: Session | null
}

export interface GuardEnv {
  Variables: { caller: Caller; requestId: string }
}

export interface GuardOptions {
  control: ControlStore
  clock: Clock
  /** Origin that people use; https makes the cookie Secure and host-bound. */
  origin: string
  /** SHA-256 of the token of the local command line; null when there is none. */
  localToken: string | null
}

const cookieName = (origin: string) => (origin.startsWith('https:') ? '__Host-plumbline' : 'plumbline')

export function startSession(c: HonoContext, options: GuardOptions, user: User): void {
  const { control, clock, origin } = options
  const token = newSecret()
  const now = clock.now()
  control.addSession({
    id: digest(token),
    userId: user.id,
    createdAt: now,
    lastSeenAt: now,
    absoluteUntil: now + SESSION_ABSOLUTE_MS,
    provenAt: now,
  })
  setCookie(c, cookieName(origin), token, {
    httpOnly: true,
    sameSite: 'Lax',
    path: '/',
    secure: origin.startsWith('https:'),
    maxAge: SESSION_ABSOLUTE_MS / 1000,
  })
}

export function endSession(c: HonoContext, options: GuardOptions): void {
  const caller = c.get('caller') as Caller | undefined
  if (caller?.session) options.control.dropSession(caller.session.id)
  deleteCookie(c, cookieName(options.origin), { path: '/', secure: options.origin.startsWith('https:') })
}

/** Who asks, or null. */
function identifyCaller(c: HonoContext, { control, clock, origin, localToken }: GuardOptions): Caller | null {
  const bearer = /^Bearer (.+)$/.exec(c.req.header('authorization') ?? '')?.[1]
  const now = clock.now()
  if (bearer) {
    const hash = digest(bearer)
    if (hash === localToken) return { user: LOCAL, role: 'operator', by: 'local', session: null }
    const token = control.tokenByHash(hash)
    if (!token || (token.expiresAt !== null && token.expiresAt <= now)) return null
    const user = control.user(token.userId)
    if (!user || user.disabled) return null
    control.touchToken(token.id, now)
    return { user, role: token.role, by: 'token', session: null }
  }
  const cookie = getCookie(c, cookieName(origin))
  const session = cookie ? control.session(digest(cookie)) : null
  if (!session || session.absoluteUntil <= now || session.lastSeenAt + SESSION_IDLE_MS <= now) return null
  const user = control.user(session.userId)
  if (!user || user.disabled) return null
  // A write a minute is enough to know that somebody is there.
  if (now - session.lastSeenAt > 60_000) control.touchSession(session.id, now)
  return { user, role: user.role, by: 'session', session }
}

const LOCAL: User = {
  id: 'local',
  email: '',
  name: 'Command line',
  role: 'operator',
  passwordHash: null,
  disabled: false,
  createdAt: 0,
}

/** Puts the caller into the context when there is one; routes decide with `requires`. */
export function identifies(options: GuardOptions): MiddlewareHandler<GuardEnv> {
  return createMiddleware<GuardEnv>(async (c, next) => {
    const caller = identifyCaller(c, options)
    if (caller) c.set('caller', caller)
    await next()
  })
}

/** What a role may do, whatever it was that asked. */
export const may = (role: UserRole, permission: Permission): boolean => GRANTS[role].includes(permission)

/** Refuses everybody who lacks the permission. */
export function requires(permission: Permission): MiddlewareHandler<GuardEnv> {
  return createMiddleware<GuardEnv>(async (c, next) => {
    const caller = c.get('caller') as Caller | undefined
    if (!caller)
      throw new PlumblineError('auth', 'You are not signed in.', { remedy: 'Sign in, or send an API token.' })
    const granted = may(caller.role, permission) && !(permission === 'approve' && caller.by !== 'session')
    if (!granted)
      throw new PlumblineError('forbidden', `Your role ${caller.role} may not ${permission} here.`, {
        remedy: 'Ask an administrator for the role you need.',
      })
    await next()
  })
}

/**
 * Cross-site requests: a cookie travels by itself, so every unsafe request that carries one must show that our own
 * page made it. Tokens do not travel by themselves and pass.
 */
export function sameOrigin(options: GuardOptions): MiddlewareHandler {
  return async (c, next) => {
    const safe = ['GET', 'HEAD', 'OPTIONS'].includes(c.req.method)
    if (!safe && !c.req.header('authorization')) {
      const site = c.req.header('sec-fetch-site')
      const origin = c.req.header('origin')
      const ours =
        site === undefined ? origin === options.origin || origin === new URL(c.req.url).origin : site === 'same-origin'
      if (!ours || c.req.header('x-requested-by') !== 'plumbline') {
        throw new PlumblineError('forbidden', 'This request does not come from the dashboard.', {
          remedy: 'Use the dashboard, or an API token.',
        })
      }
      const type = c.req.header('content-type')
      if (type !== undefined && !type.startsWith('application/json'))
        throw new PlumblineError('schema', 'The body must be JSON.', { remedy: 'Send content-type: application/json.' })
    }
    await next()
  }
}
