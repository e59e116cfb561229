/** Opening the facts: the engine in this process or a server by URL, with its tables brought to this version's schema. */
import { PlumblineError } from '../../errors.ts'
import { bindings } from './bindings.ts'
import { openEmbedded } from './embedded.ts'
import type { Engine } from './engine.ts'
import type { Facts } from './facts.ts'
import { failure } from './failure.ts'
import { ident, tableOf } from './ident.ts'
import { migrate } from './migrate.ts'
import { openRemote } from './remote.ts'
import { ndjson } from './rows.ts'
import { MAX_INSERT_ROWS } from './settings.ts'

export interface FactsOptions {
  /** A ClickHouse server; without it the embedded engine opens `path`. */
  url?: string | undefined
  user?: string | undefined
  password?: string | undefined
  database: string
  /** Folder of the embedded engine. */
  path?: string | undefined
  /** Memory that one query may use before it spills to disk or fails. */
  maxQueryMb?: number | undefined
  /** Memory that the whole embedded engine may use, its caches included; a server has limits of its own. */
  maxEngineMb?: number | undefined
}

/** Rows handed over at a time by `stream` unless asked otherwise. */
const BATCH = 10_000

/** @throws PlumblineError config, upstream, auth, conflict: each says what to do. */
export async function openFacts(options: FactsOptions): Promise<Facts> {
  ident(options.database)
  const engine = await engineFor(options).catch((e: unknown) => {
    throw failure(e, options.url ? 'The ClickHouse server' : `The embedded engine in ${options.path}`)
  })
  const facts = over(engine, options.database)
  try {
    await migrate(facts)
  } catch (e) {
    await engine.close().catch(() => {})
    throw e
  }
  return facts
}

function engineFor(options: FactsOptions): Promise<Engine> {
  const { url, user, password, path, maxQueryMb = 2048, maxEngineMb = Math.max(4096, maxQueryMb) } = options
  if (url) return openRemote({ url, user, password }, maxQueryMb)
  if (path) return openEmbedded(path, { queryMb: maxQueryMb, engineMb: maxEngineMb })
  throw new PlumblineError('config', 'Neither a data folder nor a ClickHouse server is given.', {
    remedy: 'Give --data DIR or set CLICKHOUSE_URL.',
  })
}

function over(engine: Engine, database: string): Facts {
  const told = (e: unknown): never => {
    throw failure(e, engine.where)
  }
  const facts: Facts = {
    where: engine.where,
    embedded: engine.embedded,
    database,
    query: (sql, params = {}) => engine.rows<never>(sql, bindings(sql, params)).catch(told),
    command: (sql, params = {}) => engine.command(sql, bindings(sql, params)).catch(told),
    async *stream(sql, params = {}, batch = BATCH) {
      try {
        yield* engine.batches<never>(sql, bindings(sql, params), batch)
      } catch (e) {
        told(e)
      }
    },
    async insert(table, rows) {
      const into = tableOf(facts, table)
      if (typeof rows === 'string') {
        if (rows.trim()) await engine.insert(into, rows).catch(told)
        return
      }
      for (let at = 0; at < rows.length; at += MAX_INSERT_ROWS)
        await engine.insert(into, ndjson(rows.slice(at, at + MAX_INSERT_ROWS))).catch(told)
    },
    async beside(database) {
      ident(database)
      const other = over({ ...engine, close: () => Promise.resolve() }, database)
      await migrate(other)
      return other
    },
    close: () => engine.close().catch(told),
  }
  return facts
}

/** Everything in a database of this engine is gone, and the database with it. */
export async function dropDatabase(facts: Facts, database: string): Promise<void> {
  await facts.command(`drop database if exists ${ident(database)}`)
}
