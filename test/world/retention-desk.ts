/** A desk for retention: two customers with values over their term, people and programs of every role, and the API over real stores. */
import { createAdaptorServer } from '@hono/node-server'
import { mkdtempSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digest, newSecret } from '../../server/api/passwords.ts'
import { createApp } from '../../server/app.ts'
import { createRuntime } from '../../server/runtime.ts'
import type { ControlStore } from '../../server/store/control/control.ts'
import type { Facts } from '../../server/store/facts/facts.ts'
import { lockDataFolder } from '../../server/store/lock.ts'
import { checkWorld } from './check-world.ts'
import { controlWorld } from './control.ts'
import { factsWorld } from './facts.ts'
import { quickHash } from './typed.ts'

const DAY = 86_400_000
const NOW = Date.parse('2026-11-20T12:00:00.000Z')
/** The instant so many days before the desk's present. */
export const day = (ago: number): string => new Date(NOW - ago * DAY).toISOString()
/** Of everybody. */
export const PASSWORD = 'a long enough password'
/** Each has a person `viewer@kranich.example`, and a token that is called as it is. */
export const ROLES = ['viewer', 'operator', 'admin'] as const

export interface RetentionDesk {
  facts: Facts
  control: ControlStore
  /** With the data folder of the running product. */
  folder: string
  url: string
  end(): Promise<void>
}

export async function retentionDesk(): Promise<RetentionDesk> {
  const facts = await factsWorld()
  const store = controlWorld()
  const { control } = store
  const world = checkWorld({
    ...{ facts: facts.facts, control, platforms: { crm: { role: 'crm' } }, checks: [] },
    config: { retention: { versions: '365d', messages: '90d' } },
  })
  people(control)
  for (const ago of [700, 600, 30]) {
    world.clock.set(NOW - ago * DAY)
    await world.place(
      ...['nordwind', 'talwerk'].map((entity) => ({
        ...{ platform: 'crm', kind: 'customer', record_id: entity, entity, name: `${entity} ${ago}` },
        ...{ created_at: day(800), changed_at: day(ago) },
      })),
    )
  }
  world.clock.set(NOW)
  control.issueNumber('a fingerprint', 'customer-master/profile', NOW)
  const token = newSecret()
  const common = { telemetry: null, version: '0', localToken: digest(token), dashboardFolder: null }
  const app = createApp({ ...common, runtime: createRuntime(world.ctx), origin: 'http://127.0.0.1' })
  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false }) as Server
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-desk-'))
  const lock = lockDataFolder(join(folder, 'data'))
  lock.writeServer({ url, token })
  return {
    ...{ facts: facts.facts, control, folder, url },
    async end() {
      lock.release()
      server.closeAllConnections()
      await new Promise<void>((closed) => server.close(() => closed()))
      store.end()
      await facts.end()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function people(control: ControlStore): void {
  const passwordHash = quickHash(PASSWORD)
  const token = (name: string, owner: string, role: (typeof ROLES)[number], expiresAt: number | null = null) =>
    control.addToken({
      ...{ id: name, userId: `the-${owner}`, name, hash: digest(name), role },
      ...{ createdAt: NOW, expiresAt, lastUsedAt: null },
    })
  for (const role of ROLES) {
    const of = { id: `the-${role}`, email: `${role}@kranich.example`, name: role, role }
    control.saveUser({ ...of, passwordHash, disabled: false, createdAt: NOW })
    token(role, role, role)
  }
  // A program that its administrator lets operate, and one whose time is over.
  token('less', 'admin', 'operator')
  token('over', 'admin', 'admin', NOW)
}
