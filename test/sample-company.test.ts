/** The sample company: shown in the place of one's own, removed whole, and harmless where it cannot be founded. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { keepRunning, type Kept, type KeepOptions } from '../server/again.ts'
import { systemClock } from '../server/clock.ts'
import { foundSample } from '../server/commands/sample.ts'
import { createLog } from '../server/log.ts'
import type { Running } from '../server/main.ts'

let folder: string
let kept: Kept
afterEach(async () => {
  await kept.stop()
  rmSync(folder, { recursive: true, force: true })
})

const HEADERS = { 'content-type': 'application/json', 'x-requested-by': 'plumbline', 'sec-fetch-site': 'same-origin' }

/** A product without a configuration, its first administrator, and what each of its starts after the first resolves to. */
async function begin(sample: NonNullable<KeepOptions['sample']>) {
  folder = mkdtempSync(join(tmpdir(), 'plumbline-sample-'))
  let tell: (running: Running) => void = () => undefined
  const again = () => new Promise<Running>((resolve) => (tell = resolve))
  kept = await keepRunning({
    ...{
      configFile: join(folder, 'plumbline.yaml'),
      data: join(folder, 'data'),
      env: {},
      port: 0,
      setUp: true,
      sample,
    },
    log: createLog({ clock: systemClock, level: 'error' }),
    begun: (running, first) => void (first || tell(running)),
  })
  const ada = { name: 'Ada', email: 'ada@kranich.example', password: 'a sentence only Ada would write' }
  const reply = await fetch(`${kept.running.url}/v1/session/first-administrator`, {
    method: 'POST',
    headers: HEADERS,
    body: JSON.stringify({ token: kept.running.signInLink!.split('#')[1]!, ...ada }),
  })
  const cookie = reply.headers.getSetCookie()[0]!.split(';')[0]!
  const ask = async (method: string) => {
    const answer = await fetch(`${kept.running.url}/v1/set-up${method === 'GET' ? '' : '/sample'}`, {
      method,
      headers: { ...HEADERS, cookie },
    })
    return { status: answer.status, body: (await answer.json()) as { sample: string; company: string } }
  }
  return { again, ask }
}

it('is shown to whoever asked, in a store of its own, and is removed with all that it left', async () => {
  const { again, ask } = await begin(foundSample)
  expect((await ask('GET')).body).toMatchObject({ sample: 'offered', company: 'Our company' })
  const own = kept.running.runtime.ctx.facts.database
  const shown = again()
  expect((await ask('POST')).status).toBe(200)
  const { runtime } = await shown
  expect(runtime.ctx.facts.database).not.toBe(own)
  expect(Object.keys(runtime.ctx.config.platforms).length).toBeGreaterThan(4)
  // The session of whoever asked goes along.
  expect((await ask('GET')).body).toMatchObject({ sample: 'shown', company: runtime.ctx.config.company })
  expect((await ask('POST')).status).toBe(409)
  expect(existsSync(join(folder, 'data', 'sample'))).toBe(true)
  const back = again()
  expect((await ask('DELETE')).status).toBe(200)
  const { ctx } = (await back).runtime
  expect(ctx.facts.database).toBe(own)
  expect(existsSync(join(folder, 'data', 'sample'))).toBe(false)
  const left = await ctx.facts.query<{ name: string }>(`select name from system.databases where name like '%sample%'`)
  expect(left).toEqual([])
  expect((await ask('GET')).body).toMatchObject({ sample: 'offered', company: 'Our company' })
})

it('leaves the own product running where it cannot be founded', async () => {
  const { again, ask } = await begin(() => Promise.reject(new Error('no port is free')))
  const back = again()
  expect((await ask('POST')).status).toBe(200)
  await back
  expect((await ask('GET')).body).toMatchObject({ sample: 'offered', company: 'Our company' })
  expect(existsSync(join(folder, 'data', 'sample'))).toBe(false)
})
