/** Three companies for pictures: one at work, one of which nothing was read, and one whose support was not read for days. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { createLive } from '../lab/live.ts'
import { systemClock } from '../server/clock.ts'
import { createLog } from '../server/log.ts'
import { serve, type Running } from '../server/main.ts'
import { shippedChecks } from '../server/check/read.ts'
import { fill, NOON } from '../test/browser/four-platforms.ts'
import { handClock } from '../test/world/clock.ts'
import { company, CONFIG, signIn } from '../test/world/company.ts'

/** Nothing runs by itself: a company that stands still has the same pictures at every width. */
const STILL = { collect: 'manual', sweep: 'manual', check: 'manual', full: 'manual' }
/** Long enough for what was under way to be late. */
const LIVED_MS = 70_000

export interface Shown {
  url: string
  cookie: { name: string; value: string; url: string }
  end(): Promise<void>
}

async function shown(running: Running, end: () => Promise<void> | void): Promise<Shown> {
  const [name = '', value = ''] = (await signIn(running)).split('=')
  return {
    url: running.url,
    cookie: { name, value, url: running.url },
    async end() {
      await running.stop()
      await end()
    },
  }
}

/** The laboratory's company after weeks, with every kind of drift, a plan that waits and a certificate. */
export async function atWork(customers: number): Promise<Shown> {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-screens-'))
  const live = await createLive({
    ...{ clock: systemClock, folder: join(folder, 'files'), checks: shippedChecks(), customers, seed: 'screens' },
  })
  await live.begin()
  const configFile = join(folder, 'plumbline.yaml')
  writeFileSync(configFile, stringify({ ...live.config(), schedules: STILL }, { aliasDuplicateObjects: false }))
  const running = await serve({
    ...{ configFile, data: join(folder, 'data'), env: {}, port: 0 },
    log: createLog({ clock: systemClock, level: 'error' }),
    readyAdministrator: { email: 'demo@plumbline.example', name: 'Demo' },
  })
  const { runtime } = running
  await runtime.collect({})
  await runtime.check({})
  await systemClock.sleep(LIVED_MS, runtime.ctx.signal)
  await runtime.collect({})
  await runtime.check({})
  const result = await shown(running, async () => {
    await live.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  const { name, value } = result.cookie
  const send = (path: string, body?: unknown) =>
    fetch(running.url + path, {
      method: 'POST',
      headers: {
        ...{ 'content-type': 'application/json', 'x-requested-by': 'plumbline', 'sec-fetch-site': 'same-origin' },
        cookie: `${name}=${value}`,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  await send('/v1/certificates')
  await send('/v1/plans', { query: 'is:open category:mismatch kind:customer', reason: 'The owner is right.' })
  await send('/v1/reports/weekly-operations/send')
  return result
}

/** Two platforms that nobody has read yet. */
export async function empty(): Promise<Shown> {
  const world = company()
  world.configure(CONFIG)
  const running = await world.start({ clock: handClock(NOON) })
  return await shown(running, () => world.end())
}

/** Four platforms; the files of support are two days old. */
export async function stale(): Promise<Shown> {
  const clock = handClock(NOON)
  const world = company()
  fill(world)
  const running = await world.start({ clock })
  await running.runtime.collect({})
  clock.set(NOON + 60_000)
  await running.runtime.check({})
  return await shown(running, () => world.end())
}
