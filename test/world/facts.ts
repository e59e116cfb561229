/** Facts for tests: the real engine, embedded or as a server, in a folder of its own that goes away with it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Facts } from '../../server/store/facts/facts.ts'
import { openFacts } from '../../server/store/facts/open.ts'

export interface FactsWorld {
  facts: Facts
  /** Closes the facts and opens them again on the same data, as after a restart. */
  reopen(): Promise<Facts>
  /** Further facts in the same engine, under another database. */
  open(database: string): Promise<Facts>
  end(): Promise<void>
}

/** One for each test file: the embedded engine takes one folder a process. */
export async function factsWorld(database = 'plumbline'): Promise<FactsWorld> {
  const path = mkdtempSync(join(tmpdir(), 'plumbline-facts-'))
  return over(
    database,
    (name) => openFacts({ database: name, path, maxQueryMb: 512 }),
    async () => rmSync(path, { recursive: true, force: true }),
  )
}

/** The same against a ClickHouse server over HTTP, started here. */
export async function serverFactsWorld(database = 'plumbline'): Promise<FactsWorld & { url: string }> {
  const { startClickHouseServer } = await import('../../lab/platforms/clickhouse/server.ts')
  const path = mkdtempSync(join(tmpdir(), 'plumbline-server-'))
  const server = await startClickHouseServer({ path, stdio: 'ignore' })
  const world = await over(
    database,
    (name) => openFacts({ database: name, url: server.url, maxQueryMb: 512 }),
    async () => {
      await server.stop()
      rmSync(path, { recursive: true, force: true })
    },
  )
  return Object.assign(world, { url: server.url })
}

async function over(
  database: string,
  open: (database: string) => Promise<Facts>,
  clean: () => Promise<void>,
): Promise<FactsWorld> {
  const world: FactsWorld = {
    facts: await open(database),
    async reopen() {
      await world.facts.close()
      return (world.facts = await open(database))
    },
    open,
    async end() {
      await world.facts.close()
      await clean()
    },
  }
  return world
}
