/** One statement in one read-only transaction, over a connection of its own: it works the same through any pooler. */
import pg from 'pg'
import type { Socket } from 'node:net'
import type { ConnectorContext } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import type { Answer, Column, Priority } from '../warehouse.ts'
import type { PostgresConfig } from './config.ts'
import { failed } from './failures.ts'

type Ctx = ConnectorContext<PostgresConfig>

/** What it takes to connect and to bring the answer home, on top of the statement's own time. */
const AROUND_MS = 30_000

export interface Query {
  text: string
  values: readonly string[]
}

/** Cells come as PostgreSQL writes them: parsing them into numbers would lose digits. */
const AS_TEXT = { getTypeParser: () => (text: string) => text }

/** @throws ConnectorError with what the server said */
export async function transaction(ctx: Ctx, queries: readonly Query[], priority: Priority): Promise<Answer[]> {
  const { host, port, tls, statement_timeout } = ctx.config
  if (!ctx.line) throw new ConnectorError('config', 'There is no way to open a connection to a database here.')
  const call = {
    host,
    port,
    what: 'QUERY',
    encrypted: tls === 'verify',
    timeoutMs: queries.length * statement_timeout * 1000 + AROUND_MS,
    priority,
  }
  return ctx.line.converse(call, async (socket) => {
    const client = connection(ctx.config, socket)
    // Failures come as answers to what is asked; what happens to an idle connection is nobody's concern.
    client.on('error', () => {})
    try {
      await client.connect()
      const at = clockOf(
        await client.query<[string]>({ text: opening(statement_timeout), rowMode: 'array', types: AS_TEXT }),
      )
      const answers: Answer[] = []
      for (const { text, values } of queries) {
        const result = await client.query<(string | null)[]>({
          text,
          values: [...values],
          rowMode: 'array',
          types: AS_TEXT,
        })
        const columns = result.fields.map(({ name, dataTypeID }) => columnOf(name, dataTypeID))
        answers.push({ columns, rows: result.rows.map((row) => row.map((cell, i) => written(cell, columns[i]!))), at })
      }
      await client.query('COMMIT')
      await client.end()
      return answers
    } catch (error) {
      throw failed(error, ctx.config)
    }
  })
}

function connection({ host, port, user, password, database, tls, ca }: PostgresConfig, socket: Socket): pg.Client {
  return new pg.Client({
    host,
    port,
    user,
    password: password.reveal(),
    database,
    ssl: tls === 'off' ? false : { rejectUnauthorized: true, ...(ca !== undefined && { ca }) },
    stream: () => socket,
    application_name: 'plumbline',
    client_encoding: 'UTF8',
  })
}

/** Settings hold for the transaction alone: a pooler hands the connection on. The clock is that of the server. */
function opening(seconds: number): string {
  return [
    'BEGIN TRANSACTION READ ONLY',
    `SET LOCAL statement_timeout = ${seconds * 1000}`,
    `SET LOCAL idle_in_transaction_session_timeout = ${seconds * 1000 + AROUND_MS}`,
    "SET LOCAL TimeZone = 'UTC'",
    "SET LOCAL DateStyle = 'ISO, YMD'",
    "SET LOCAL IntervalStyle = 'iso_8601'",
    'SET LOCAL extra_float_digits = 1',
    'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint',
  ].join('; ')
}

/** Several statements at once give a result each; the last one tells the time. */
function clockOf(results: unknown): number {
  const last = (Array.isArray(results) ? results.at(-1) : results) as { rows: string[][] }
  return Number(last.rows[0]![0])
}

const TIMES: Record<number, Column['time']> = { 1184: 'instant', 1114: 'local', 1082: 'day' }
const BOOLEAN = 16

/** The type is the number that PostgreSQL knows it by, until its name has been asked for. */
export function columnOf(name: string, type: number): Column {
  return { name, type: String(type), time: TIMES[type] ?? null }
}

export function written(cell: string | null, { type, time }: Column): string | null {
  if (cell === null) return null
  if (Number(type) === BOOLEAN) return cell === 't' ? 'true' : 'false'
  if (time === 'instant' || time === 'local') return cell.replace(' ', 'T').replace(/\+00(?::00)?$/, 'Z')
  return cell
}
