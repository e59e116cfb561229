/** The laboratory's company with the whole product over it: real connectors over simulated platforms that can be written to. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { LabConfig } from '../../lab/config.ts'
import { createLandscape, type Landscape, type LandscapeOptions } from '../../lab/landscape.ts'
import { createLog } from '../../server/log.ts'
import { serve, type Running } from '../../server/main.ts'
import { onlyChecks } from './company.ts'
import { parse } from 'yaml'
import { runningClock, type RunningClock } from './clock.ts'

const DAY = 86_400_000

export interface LabProduct {
  landscape: Landscape
  running: Running
  clock: RunningClock
  folder: string
  /** Password of everybody who was made ready. */
  password: string
  end(): Promise<void>
}

export interface LabProductOptions extends Pick<
  LandscapeOptions,
  'seed' | 'customers' | 'days' | 'faults' | 'platforms'
> {
  /** Instant at which the product starts: the end of the company's history. */
  now: string
  /** Checks that look; the others would cost a second each for nothing. */
  checks: readonly string[]
  /** Changes what the company holds before anybody reads it: faults of the test's own. */
  harm?: (landscape: Landscape) => void
  /** Further keys of the configuration. */
  more?: LabConfig
}

/** An administrator, two approvers, and everything read and checked once. */
export async function labProduct({ now, checks, harm, more = {}, ...options }: LabProductOptions): Promise<LabProduct> {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-lab-'))
  const clock = runningClock(now)
  const days = options.days ?? 40
  const start = Date.parse(now) - days * DAY
  const landscape = await createLandscape({ ...options, days, start, decoys: 0, clock, folder: join(folder, 'files') })
  harm?.(landscape)
  await landscape.begin()
  const config = {
    ...landscape.config(),
    ...(parse(onlyChecks(...checks)) as LabConfig),
    schedules: { collect: 'manual', sweep: 'manual', check: 'manual', full: 'manual' },
    ...more,
  }
  const configFile = join(folder, 'plumbline.yaml')
  writeFileSync(configFile, stringify(config, { aliasDuplicateObjects: false }))
  const password = 'a lantern over quiet water'
  const running = await serve({
    ...{ configFile, data: join(folder, 'data'), env: {}, port: 0, clock },
    log: createLog({ clock, level: 'error' }),
    readyAdministrator: { email: 'ada@larkmoor.example', name: 'Ada' },
    readyApprovers: {
      password,
      accounts: [
        { email: 'anna@larkmoor.example', name: 'Anna' },
        { email: 'bert@larkmoor.example', name: 'Bert' },
      ],
    },
  })
  await running.runtime.collect({})
  await running.runtime.check({})
  return {
    ...{ landscape, running, clock, folder, password },
    async end() {
      await running.stop()
      await landscape.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
