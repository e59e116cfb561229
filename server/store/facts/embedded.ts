/** Embedded: the ClickHouse engine inside this process, through chdb. One process per folder. */
import { mkdirSync, readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { ClickHouseLogLevel, createClient, type ClickHouseClient } from '@clickhouse/client'
import type { ChdbConnection } from 'chdb/connection'
import type { Session } from 'chdb'
import { PlumblineError } from '../../errors.ts'
import { processRuns } from '../lock.ts'
import { batched, type Engine } from './engine.ts'
import { lanes } from './lanes.ts'
import { connectionSettings, engineArguments, type MemoryBounds, type Settings } from './settings.ts'

/**
 * A connection carries one statement at a time, so a few of them let the dashboard read while a check computes.
 * Each busy one holds a thread of Node's pool of four; one must stay free for files and name look-ups.
 */
const LANES = 3

interface Lane {
  client: ClickHouseClient
  connection: ChdbConnection
}

interface Chdb {
  Session: typeof Session
  drainPending(): Promise<void>
  version(): { libchdb: string }
  createChdbConnection(options: { path: string }): ChdbConnection
}

export async function openEmbedded(path: string, memory: MemoryBounds): Promise<Engine> {
  const chdb = await load()
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const folder = realpathSync(path)
  const version = chdb.version().libchdb
  // Settings given with a query stay on the connection for good, so they are set once, when it opens.
  const settings = setStatement(connectionSettings(version, memory.queryMb))
  // What bounds the whole engine is taken from the first connection of the process, and from no later one.
  const first = opening(folder, () => new chdb.Session(folder, { connectionArgs: engineArguments(memory) }))

  const pool = lanes<Lane>(async () => {
    const connection = opening(folder, () => chdb.createChdbConnection({ path: folder }))
    const client = createClient({ connection: connection as never, log: { level: ClickHouseLogLevel.OFF } })
    await client.command({ query: settings })
    return { client, connection }
  }, LANES)

  await pool.use(async () => {})
  return {
    where: `the embedded engine in ${path}`,
    embedded: true,
    version,
    rows: <Row>(sql: string, params: Record<string, unknown>) =>
      pool.use(async ({ client }) =>
        (await client.query({ query: sql, query_params: params, format: 'JSONEachRow' })).json<Row>(),
      ),
    command: (sql, params) =>
      pool.use(async ({ client }) => void (await client.command({ query: sql, query_params: params }))),
    // The bytes go to the engine's own parser; its binary formats corrupt inline inserts, text does not.
    insert: (table, ndjson) =>
      pool.use(
        async ({ connection }) =>
          void (await connection.chdb.rawInsert({
            table: table.replaceAll('`', ''),
            values: Buffer.from(ndjson),
            format: 'JSONEachRow',
          })),
      ),
    batches: <Row>(sql: string, params: Record<string, unknown>, size: number) =>
      batched(streamed<Row>(chdb, folder, settings, sql, params), size),
    async close() {
      await pool.close(async ({ client }) => client.close())
      first.close()
      await chdb.drainPending()
    },
  }
}

/** A stream holds its connection until it is read to the end, so each has its own: nested streams never wait for each other. */
async function* streamed<Row>(
  chdb: Chdb,
  folder: string,
  settings: string,
  sql: string,
  params: Record<string, unknown>,
): AsyncIterable<Row[]> {
  const session = new chdb.Session(folder)
  try {
    await session.queryAsync(settings)
    const stream = session.queryStreamBind(sql, params, { format: 'JSONEachRow' })
    for await (const chunk of stream) yield chunk.rows<Row>()
  } finally {
    session.close()
  }
}

function opening<T>(folder: string, open: () => T): T {
  try {
    return open()
  } catch (cause) {
    // The engine says why only on standard error; its status file names the process that holds the folder.
    const holder = Number(/^PID: (\d+)/m.exec(statusOf(folder))?.[1] ?? 0)
    if (holder && holder !== process.pid && processRuns(holder))
      throw new PlumblineError('conflict', `The facts in ${folder} are open in process ${holder}.`, {
        cause,
        remedy: 'Wait until it ends or stop it: one folder belongs to one process at a time.',
      })
    throw new PlumblineError('config', `The facts in ${folder} cannot be opened: ${(cause as Error).message}.`, {
      cause,
      remedy:
        'Check that this user may write there and that no other program has the folder open; a process can open one folder only.',
    })
  }
}

function statusOf(folder: string): string {
  try {
    return readFileSync(join(folder, 'status'), 'utf8')
  } catch {
    return ''
  }
}

function setStatement(settings: Settings): string {
  return `set ${Object.entries(settings)
    .map(([name, value]) => `${name} = ${typeof value === 'number' ? value : `'${value}'`}`)
    .join(', ')}`
}

/** chdb is an optional dependency of half a gigabyte: loaded only when no server is configured. */
async function load(): Promise<Chdb> {
  try {
    const [{ Session, drainPending, version }, { createChdbConnection }] = await Promise.all([
      import('chdb'),
      import('chdb/connection'),
    ])
    return { Session, drainPending, version, createChdbConnection }
  } catch (cause) {
    throw new PlumblineError('config', 'The embedded database engine is not installed for this machine.', {
      cause,
      remedy: 'Set CLICKHOUSE_URL to a ClickHouse server, or install chdb (npm install chdb).',
    })
  }
}
