/** A door to the API for tests of remediation: people sign in with a fresh proof, and call as themselves. */
import { randomUUID } from 'node:crypto'
import { digest } from '../../server/api/passwords.ts'
import { createApp } from '../../server/app.ts'
import { createRuntime, type Runtime } from '../../server/runtime.ts'
import type { UserRole } from '../../server/store/control/control.ts'
import type { RemedyWorld } from './remedy-world.ts'

const DAY = 86_400_000
export const PEOPLE = { olga: 'operator', anna: 'approver', adam: 'admin', vera: 'viewer' } as const satisfies Record<
  string,
  UserRole
>
export type Name = keyof typeof PEOPLE

export interface Door {
  runtime: Runtime
  /** Everybody, or those named. */
  signIn(...names: Name[]): void
  call<T = Record<string, never>>(
    as: Name,
    path: string,
    body?: unknown,
    language?: string,
  ): Promise<{ status: number; body: T }>
}

export function remedyDoor(world: RemedyWorld): Door {
  const runtime = createRuntime(world.ctx)
  const origin = 'http://localhost'
  const app = createApp({ runtime, telemetry: null, origin, version: '0', localToken: null, dashboardFolder: null })
  const cookies = new Map<Name, string>()
  const door: Door = {
    runtime,
    signIn(...names) {
      for (const name of names.length ? names : (Object.keys(PEOPLE) as Name[])) {
        const token = randomUUID().repeat(2)
        const now = world.ctx.clock.now()
        const { user } = world.person(name, PEOPLE[name])
        world.ctx.control.addSession({
          ...{ id: digest(token), userId: user.id, createdAt: now, lastSeenAt: now },
          ...{ absoluteUntil: now + DAY, provenAt: now },
        })
        cookies.set(name, `plumbline=${token}`)
      }
    },
    async call<T>(as: Name, path: string, body?: unknown, language = 'en') {
      const headers = {
        cookie: cookies.get(as)!,
        'accept-language': language,
        ...{ 'content-type': 'application/json', 'x-requested-by': 'plumbline', 'sec-fetch-site': 'same-origin' },
      }
      const reply = await app.request(`${origin}/v1${path}`, {
        headers,
        ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
      })
      const text = await reply.text()
      return { status: reply.status, body: (text === '' ? {} : JSON.parse(text)) as T }
    },
  }
  door.signIn()
  return door
}
