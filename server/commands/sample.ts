/** The sample company: the simulated one of the demo, in a folder of its own, so that the running product can show it and remove it again. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { stringify } from 'yaml'
import { secretsApart } from '../../lab/config.ts'
import { ALERTS, alertsPlatform, courier } from '../../lab/courier.ts'
import { createLive, type Live } from '../../lab/live.ts'
import { shippedChecks } from '../check/read.ts'
import { systemClock } from '../clock.ts'
import type { Company } from '../again.ts'

/** Alerts of the last day are there when it begins. */
const ALERTED_MS = 86_400_000
/** Enough of everything to look around, and quick to read. */
const CUSTOMERS = 40

/** Founds the company: its platforms answer on this machine alone, and nothing leaves it. @param folder exists and is empty */
export async function foundSample(folder: string): Promise<Company> {
  return await founded(folder, { customers: CUSTOMERS })
}

/** @param options which company; default: the demo's */
export async function founded(folder: string, options: { seed?: string; customers?: number } = {}): Promise<Company> {
  const live = await createLive({
    ...{ clock: systemClock, folder: join(folder, 'files'), checks: shippedChecks() },
    ...options,
  })
  await live.begin()
  const configFile = join(folder, 'plumbline.yaml')
  mkdirSync(join(folder, 'secrets'), { recursive: true, mode: 0o700 })
  const secret = randomBytes(24).toString('base64url')
  const lived = live.config()
  const platforms = { ...(lived.platforms as object), [ALERTS]: alertsPlatform(secret) }
  const config = secretsApart({ ...lived, platforms }, (name, kept) => {
    writeFileSync(join(folder, 'secrets', name), kept, { mode: 0o600 })
    return `\${file:${join(resolve(folder), 'secrets', name)}}`
  })
  writeFileSync(configFile, stringify(config, { aliasDuplicateObjects: false }))
  let alerts: NodeJS.Timeout | undefined
  return {
    configFile,
    live: ({ url }) => void (alerts = alerting(live, url, secret)),
    async stop() {
      clearInterval(alerts)
      await live.stop()
    },
  }
}

/** The middleware's alerts of refused changes come through a hook, within seconds. */
function alerting(live: Live, url: string, secret: string): NodeJS.Timeout {
  const { deliver } = courier(live.landscape.company.bus, url, secret, systemClock.now() - ALERTED_MS)
  let busy = false
  const timer = setInterval(() => {
    if (busy) return
    busy = true
    void deliver(systemClock.now()).finally(() => (busy = false))
  }, 2_000)
  timer.unref()
  return timer
}
