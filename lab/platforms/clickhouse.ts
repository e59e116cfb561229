/** Simulated ClickHouse: a real server with the company's tables and users of its own, and a door in front that breaks where it is told to. */
import type { PlatformState, RunningSimulator, Simulator } from '../platform.ts'
import { holds, idOf, stateMaps, streamSettings, TABLES } from '../warehouse/tables.ts'
import { openDoor } from './clickhouse/door.ts'
import { DATABASE, startEngine } from './clickhouse/engine.ts'
import type { Bounds } from './clickhouse/users.ts'
import { READER } from './clickhouse/users.ts'

export interface RunningServer extends RunningSimulator {
  /** A statement of the owner of the server. */
  owner(sql: string): Promise<string>
}

export const clickhouseServer = (
  bounds: Bounds = {},
): Simulator & { start(state: PlatformState): Promise<RunningServer> } => ({
  vendor: 'clickhouse',
  role: 'warehouse',
  kinds: TABLES.map((t) => t.kind),
  holds,
  id: idOf,
  async start(state) {
    const engine = await startEngine(state, bounds)
    const door = await openDoor(state, engine)
    const { maps, referenceMaps } = stateMaps('clickhouse')
    return {
      owner: engine.owner,
      url: door.url,
      platformConfig: {
        connector: 'clickhouse',
        role: 'warehouse',
        title: 'ClickHouse',
        timezone: 'UTC',
        config: { url: door.url, database: DATABASE, ...READER, streams: streamSettings() },
        maps,
        allow_private_network: true,
      },
      referenceMaps,
      requests: door.requests,
      async stop() {
        await door.stop()
        await engine.stop()
      },
    }
  },
})
export const clickhouse = clickhouseServer()
export default clickhouse
