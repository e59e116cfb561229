/** A world for the collect stage: real stores, a hand-turned clock, and platforms as each test configures them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Connector } from '../../connectors/contract.ts'
import files from '../../connectors/files/connector.ts'
import { closePlatforms } from '../../server/collect/platform.ts'
import { buildLandscape } from '../../server/config/landscape.ts'
import { configSchema } from '../../server/config/schema.ts'
import type { Config } from '../../server/config/schema.ts'
import type { Context } from '../../server/context.ts'
import { createLog } from '../../server/log.ts'
import { openControl } from '../../server/store/control/sqlite.ts'
import { openFacts } from '../../server/store/facts/open.ts'
import { handClock } from './clock.ts'
import type { HandClock } from './clock.ts'
import { shelfConnector } from './http-platform.ts'

export interface CollectWorld {
  folder: string
  clock: HandClock
  /** Lines of the log, for what must not be in them. */
  log: string[]
  /** A context over the same stores with these platforms. */
  context(platforms: Record<string, unknown>, more?: Record<string, unknown>): Context
  /** Versions of a platform and kind, oldest first. */
  versions(kind: string, platform: string): Promise<Record<string, unknown>[]>
  end(): Promise<void>
}

/** Connectors that tests name besides the shipped one. */
export const TEST_CONNECTORS: ReadonlyMap<string, Connector<never>> = new Map([
  ['files', files as unknown as Connector<never>],
  ['shelf', shelfConnector as unknown as Connector<never>],
])

export async function collectWorld(
  path?: string,
  start: number | string = '2026-11-20T12:00:00.000Z',
): Promise<CollectWorld> {
  const folder = path ?? mkdtempSync(join(tmpdir(), 'collect-'))
  const clock = handClock(start)
  const log: string[] = []
  const control = openControl(join(folder, 'control.sqlite'))
  const facts = await openFacts({ database: 'plumbline', path: join(folder, 'facts') })
  return {
    folder,
    clock,
    log,
    context(platforms, more = {}) {
      const config = configSchema.parse({ platforms, ...more }) as unknown as Config
      return {
        config,
        landscape: buildLandscape(config),
        connectors: TEST_CONNECTORS,
        checks: [],
        facts,
        control,
        clock,
        log: createLog({ clock, level: 'debug', write: (line) => void log.push(line) }),
        signal: new AbortController().signal,
      }
    },
    versions: (kind, platform) =>
      facts.query(`select * from plumbline.versions_${kind} where platform = {platform:String} order by seq`, {
        platform,
      }),
    async end() {
      closePlatforms(control)
      await facts.close()
      control.close()
      if (path === undefined) rmSync(folder, { recursive: true, force: true })
    },
  }
}
