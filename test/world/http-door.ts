/** The door to a platform over HTTP, with a hand-turned clock and whatever connector a test needs. */
import type { ConnectorContext } from '../../connectors/contract.ts'
import { createHttp } from '../../server/http.ts'
import type { HttpOptions, PlatformHttp } from '../../server/http.ts'
import type { HandClock } from './clock.ts'
import { handClock } from './clock.ts'
import type { HttpPlatform } from './http-platform.ts'
import { startHttpPlatform } from './http-platform.ts'

export interface HttpDoor {
  platform: HttpPlatform
  clock: HandClock
  open(
    connector?: Partial<HttpOptions['connector']>,
    options?: Partial<HttpOptions>,
  ): { http: PlatformHttp; request: ReturnType<PlatformHttp['bind']>['request'] }
  /** Turns the clock until the work settles; returns what it settled with. */
  settle<T>(work: Promise<T>, stepMs?: number): Promise<T>
  end(): Promise<void>
}

/** Clock turns after which a test has hung. */
const TURNS = 400

export async function httpDoor(): Promise<HttpDoor> {
  const platform = await startHttpPlatform()
  const clock = handClock()
  const made: PlatformHttp[] = []
  return {
    platform,
    clock,
    open(connector = {}, options = {}) {
      const limits = { calls: 1000, windowMs: 60_000, concurrency: 4, reserve: 0 }
      const http = createHttp({
        platform: 'shop',
        connector: { base: () => `${platform.url}/api`, limits, ...connector },
        config: {},
        clock,
        allowPrivateNetwork: true,
        random: () => 0.5,
        ...options,
      })
      made.push(http)
      const context = () => ({ clock }) as unknown as ConnectorContext<never>
      const { request } = http.bind({ context, signal: new AbortController().signal, priority: 'read' })
      return { http, request }
    },
    async settle(work, stepMs = 1_000) {
      let done = false
      const end = () => void (done = true)
      work.then(end, end)
      for (let i = 0; i < TURNS && !done; i++) {
        for (let k = 0; k < 20 && !done; k++) await new Promise((r) => setImmediate(r))
        await new Promise((r) => setTimeout(r, 2))
        if (!done) await clock.turn(stepMs)
      }
      return work
    },
    async end() {
      for (const http of made) http.close()
      await platform.stop()
    },
  }
}
