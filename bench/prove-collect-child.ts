/** The collecting process that prove-collect kills: opens the stores of one data folder, collects once, and leaves. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { collect } from '../server/collect/collect.ts'
import { closePlatforms } from '../server/collect/platform.ts'
import { systemClock } from '../server/clock.ts'
import { buildLandscape } from '../server/config/landscape.ts'
import { configSchema } from '../server/config/schema.ts'
import type { Config } from '../server/config/schema.ts'
import type { Context } from '../server/context.ts'
import { createLog } from '../server/log.ts'
import { openControl } from '../server/store/control/sqlite.ts'
import { openFacts } from '../server/store/facts/open.ts'
import { TEST_CONNECTORS } from '../test/world/collect-world.ts'

export interface Collector {
  /** Collects every platform once; says how many streams failed. */
  once(mode: 'changes' | 'full'): Promise<number>
  close(): Promise<void>
}

export async function openCollector(data: string, platforms: unknown): Promise<Collector> {
  const control = openControl(join(data, 'control.sqlite'))
  const facts = await openFacts({ database: 'plumbline', path: join(data, 'facts') })
  const config = configSchema.parse({ platforms }) as unknown as Config
  const log = createLog({ clock: systemClock, level: 'error' })
  const ctx: Context = {
    config,
    landscape: buildLandscape(config),
    connectors: TEST_CONNECTORS,
    checks: [],
    facts,
    control,
    clock: systemClock,
    log,
    signal: new AbortController().signal,
  }
  control.interruptRuns(systemClock.now())
  return {
    async once(mode) {
      let failed = 0
      for (const platform of Object.keys(config.platforms)) {
        for (const { stream, error } of (await collect(ctx, platform, { mode })).streams) {
          if (!error) continue
          failed++
          process.stderr.write(`${platform}/${stream}: ${error.message}\n`)
        }
      }
      return failed
    },
    async close() {
      closePlatforms(control)
      await facts.close()
      control.close()
    },
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]!).href) {
  const [data, platforms, mode] = process.argv.slice(2) as [string, string, 'changes' | 'full']
  const collector = await openCollector(data, JSON.parse(platforms))
  const failed = await collector.once(mode)
  await collector.close()
  process.exit(failed === 0 ? 0 : 3)
}
