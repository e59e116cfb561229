/** A shelf platform over HTTP, collected: one world a test file, one platform a test. */
import { collect } from '../../server/collect/collect.ts'
import type { StreamResult } from '../../server/collect/collect.ts'
import type { Context } from '../../server/context.ts'
import type { StreamState } from '../../server/store/control/control.ts'
import type { CollectWorld } from './collect-world.ts'
import { collectWorld } from './collect-world.ts'
import type { HttpPlatform, Shelf, ShelfRow } from './http-platform.ts'
import { serveShelf, startHttpPlatform } from './http-platform.ts'

export const T0 = Date.parse('2026-11-20T12:00:00Z')
export const minutesAgo = (minutes: number) => T0 - minutes * 60_000

/** Rows c00000 … with the stamps that `at` gives them. */
export function rows(from: number, to: number, at: (i: number) => number): ShelfRow[] {
  return Array.from({ length: to - from }, (_, i) => {
    const n = from + i
    return { id: `c${String(n).padStart(5, '0')}`, at: at(n), name: `Name ${n}` }
  })
}

export interface ShelfWorld {
  world: CollectWorld
  platform: HttpPlatform
  shelf: Shelf
  ctx: Context
  name: string
  /** Begins anew: another platform with empty lists, at noon. */
  fresh(): void
  context(more?: Record<string, unknown>, rest?: Record<string, unknown>): Context
  /** Collects while the clock turns, so that waits pass. */
  run(mode?: 'changes' | 'full'): Promise<StreamResult[]>
  /** The same for a platform with one stream. */
  one(mode?: 'changes' | 'full'): Promise<StreamResult>
  stream(name?: string): StreamState
  /** Last version of each record. */
  latest(kind?: string): Promise<Map<string, Record<string, unknown>>>
  end(): Promise<void>
}

export async function shelfWorld(): Promise<ShelfWorld> {
  const world = await collectWorld()
  const platform = await startHttpPlatform()
  let n = 0
  const it: ShelfWorld = {
    world,
    platform,
    shelf: undefined as never,
    ctx: undefined as never,
    name: '',
    fresh() {
      world.clock.set(T0)
      it.name = `shop-${++n}`
      it.shelf = serveShelf(platform, () => world.clock.now())
      platform.requests.length = 0
      it.ctx = it.context()
    },
    context: (more = {}, rest = {}) =>
      world.context(
        {
          [it.name]: {
            connector: 'shelf',
            role: 'crm',
            allow_private_network: true,
            streams: ['customers'],
            config: { url: platform.url },
            ...more,
          },
        },
        rest,
      ),
    async run(mode = 'changes') {
      let done = false
      const work = collect(it.ctx, it.name, { mode }).finally(() => void (done = true))
      work.catch(() => {})
      while (!done) {
        await new Promise((r) => setTimeout(r, 3))
        if (!done) await world.clock.turn(100)
      }
      return (await work).streams
    },
    one: async (mode) => (await it.run(mode))[0]!,
    stream: (name = 'customers') => it.ctx.control.stream(it.name, name)!,
    latest: async (kind = 'customer') =>
      new Map((await world.versions(kind, it.name)).map((r) => [r['record_id'] as string, r])),
    async end() {
      await platform.stop()
      await world.end()
    },
  }
  return it
}
