/** Live: the company in real time for the demo. A back-history, then a life fast enough that within a minute faults appear and others heal. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { bustle } from './bustle.ts'
import type { Latency } from './company/ownership.ts'
import { WINDOWS } from './company/ownership.ts'
import type { LabConfig } from './config.ts'
import { createLandscape } from './landscape.ts'
import type { Landscape, LandscapeOptions } from './landscape.ts'
import { DAY, HOUR, MINUTE, SECOND, wholeSecond } from './time.ts'
import { trouble } from './trouble.ts'

/** Changes travel in seconds and must arrive within a minute: nobody waits an hour in front of a demo. */
export const DEMO_LAGS: Record<Latency, readonly [number, number]> = {
  realtime: [SECOND, 4 * SECOND],
  minutes: [SECOND, 7 * SECOND],
  hour: [SECOND, 9 * SECOND],
  day: [5 * SECOND, 40 * SECOND],
}
export const DEMO_WINDOWS: Record<Latency, number> = {
  realtime: 30 * SECOND,
  minutes: 45 * SECOND,
  hour: MINUTE,
  day: 5 * MINUTE,
}

export interface LiveOptions extends Pick<
  LandscapeOptions,
  'seed' | 'customers' | 'days' | 'faults' | 'platforms' | 'via' | 'folder' | 'api'
> {
  clock: { now(): number }
  /** Seconds between two ordinary events, and between two faults; defaults 2 and 9. */
  eventEvery?: number
  faultEvery?: number
  /** Folder of the shipped checks: deadlines of hours become a minute. */
  checks?: string
}

export interface Live {
  landscape: Landscape
  /** Starts the APIs and lets time run. */
  begin(): Promise<void>
  /** Lives up to the clock's present; `begin` calls it four times a second. */
  tick(): Promise<void>
  config(): LabConfig
  configYaml(): string
  stop(): Promise<void>
}

export async function createLive(options: LiveOptions): Promise<Live> {
  const { clock, eventEvery = 2, faultEvery = 9 } = options
  const days = options.days ?? 60
  const begin = wholeSecond(clock.now())
  const landscape = await createLandscape({
    ...options,
    seed: options.seed ?? 'demo',
    customers: options.customers ?? 120,
    days,
    start: begin - days * DAY,
    faults: options.faults ?? 1,
    decoys: 1,
    clock,
    lags: DEMO_LAGS,
  })
  // The back-history was judged by the shipped windows; from now on the short ones hold.
  landscape.company.windows = DEMO_WINDOWS
  landscape.world.spawn(begin, 'bustle', (r) => bustle(landscape.world, r, eventEvery * SECOND))
  landscape.world.spawn(begin, 'trouble', (r) => trouble(landscape.world, landscape.truth, r, faultEvery * SECOND))
  let timer: NodeJS.Timeout | undefined
  let turn: Promise<void> | null = null
  let delivered = 0
  const tick = async () => {
    landscape.company.agenda.run(clock.now())
    if (clock.now() - delivered < 3 * SECOND) return
    delivered = clock.now()
    await landscape.deliver()
  }
  const config = () => demoConfig(landscape.config(), options.checks)
  return {
    landscape,
    tick,
    config,
    configYaml: () => stringify(config(), { aliasDuplicateObjects: false }),
    async begin() {
      await landscape.begin()
      timer = setInterval(() => {
        turn ??= tick().finally(() => (turn = null))
      }, 250)
      timer.unref()
    },
    async stop() {
      clearInterval(timer)
      // What it is writing is written to its end: the folder may go next.
      await turn
      await landscape.stop()
    },
  }
}

function demoConfig(config: LabConfig, checks: string | undefined): LabConfig {
  const override = checks === undefined ? {} : shortened(checks)
  const kept = (config['checks'] as { override?: Record<string, object> } | undefined)?.override ?? {}
  return {
    ...config,
    schedules: { collect: '*/10 * * * * *', check: '*/5 * * * * *', sweep: '0 */2 * * * *', full: '30 */5 * * * *' },
    ...(Object.keys(override).length > 0 && { checks: { override: both(kept, override) } }),
  }
}

const both = (a: Record<string, object>, b: Record<string, object>) =>
  Object.fromEntries([...Object.keys(a), ...Object.keys(b)].map((id) => [id, { ...a[id], ...b[id] }]))

const UNIT: Record<string, number> = { ms: 1, s: SECOND, m: MINUTE, h: HOUR, d: DAY }

/** Checks that wait minutes or hours wait a minute; those that wait days still do. */
export function shortened(folder: string): Record<string, { window: string }> {
  const out: Record<string, { window: string }> = {}
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.yaml')) continue
    const document = parse(readFileSync(join(folder, file), 'utf8')) as Record<string, unknown>
    const [, count, unit] = /^(\d+)(ms|s|m|h|d)$/.exec(String(document.window ?? document.within ?? '')) ?? []
    const ms = count && unit ? Number(count) * UNIT[unit]! : 0
    if (ms > MINUTE && ms <= Math.max(WINDOWS.hour, 4 * HOUR))
      out[file.replace(/\\/g, '/').replace(/\.yaml$/, '')] = { window: '60s' }
  }
  return out
}
