/** A folder that a platform drops files into, collected by the files connector: one world a test file. */
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { collect } from '../../server/collect/collect.ts'
import type { StreamResult } from '../../server/collect/collect.ts'
import type { Context } from '../../server/context.ts'
import { quarantine } from '../../server/store/facts/quarantine.ts'
import type { CollectWorld } from './collect-world.ts'
import { collectWorld } from './collect-world.ts'

export const T0 = Date.parse('2026-11-20T12:00:00Z')

export interface FileDrop {
  world: CollectWorld
  /** Begins anew: another platform with an empty folder, at noon. */
  fresh(): void
  folder: string
  platform: string
  /** The context of the platform; `settings` are the connector's, `more` the platform's. */
  context(settings?: Record<string, unknown>, more?: Record<string, unknown>): Context
  ctx: Context
  /** Writes a file whose modification time is the world's clock. */
  put(name: string, content: string | Uint8Array, at?: number): void
  /** Collects; the first stream's result. */
  run(mode?: 'changes' | 'full', from?: Context): Promise<StreamResult>
  /** Last version of each record that is not deleted. */
  live(kind?: string): Promise<Record<string, unknown>[]>
  /** Open quarantine entries, in order of place. */
  places(): ReturnType<typeof quarantine>
}

export async function fileDrop(): Promise<FileDrop> {
  const world = await collectWorld()
  let n = 0
  const drop: FileDrop = {
    world,
    folder: '',
    platform: '',
    ctx: undefined as never,
    fresh() {
      world.clock.set(T0)
      drop.platform = `erp-${++n}`
      drop.folder = join(world.folder, drop.platform)
      mkdirSync(drop.folder)
      drop.ctx = drop.context()
    },
    context: (settings = {}, more = {}) =>
      world.context({
        [drop.platform]: { connector: 'files', role: 'erp', config: { folder: drop.folder, ...settings }, ...more },
      }),
    put(name, content, at = world.clock.now()) {
      writeFileSync(join(drop.folder, name), content)
      utimesSync(join(drop.folder, name), at / 1000, at / 1000)
    },
    async run(mode = 'changes', from = drop.ctx) {
      return (await collect(from, drop.platform, { mode })).streams[0]!
    },
    async live(kind = 'customer') {
      const last = new Map<string, Record<string, unknown>>()
      for (const row of await world.versions(kind, drop.platform)) last.set(row['record_id'] as string, row)
      return [...last.values()].filter((r) => r['deleted'] === 0)
    },
    async places() {
      const open = await quarantine(drop.ctx.facts, { platform: drop.platform, state: 'open' })
      return open.sort((a, b) => (a.place < b.place ? -1 : 1))
    },
  }
  return drop
}
