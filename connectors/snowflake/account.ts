/** Snowflake as a warehouse: its dialect, and statements that are submitted, waited for, and handed over partition by partition. */
import { randomUUID } from 'node:crypto'
import type { ConnectorContext, HttpReply, HttpRequest } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import { platformClock } from '../cursor.ts'
import type { Answer, Column, Parameter, Priority, Statement, Warehouse } from '../warehouse.ts'
import type { RowType } from './cells.ts'
import { columnOf, OUTPUT, written } from './cells.ts'
import type { SnowflakeConfig } from './config.ts'

type Ctx = ConnectorContext<SnowflakeConfig>

/** Between two looks at a statement that is still running. */
const LOOK_MS = 2_000
/** Snowflake answers a submission after 45 seconds at the latest. */
const TIMEOUT_MS = 90_000

export const account: Warehouse<SnowflakeConfig> = {
  dialect: {
    textType: 'TEXT',
    quote: (name) => `"${name.replaceAll('"', '""')}"`,
    table: (name) => name,
    parameter: (_, { type }) => `CAST(? AS ${type})`,
    text: (expression) => `CAST(${expression} AS TEXT)`,
  },
  // Every statement wakes the warehouse and is paid for: one for all rows, whose result is kept for a day.
  pagesAStatement: null,
  run: answers,
}

interface Body {
  resultSetMetaData?: { rowType?: RowType[]; partitionInfo?: unknown[] }
  data?: (string | null)[][]
  statementHandle?: string
}

async function* answers(ctx: Ctx, statement: Statement, priority: Priority): AsyncGenerator<Answer> {
  const { body, reply } = await finished(ctx, statement, priority)
  const { rowType, partitionInfo = [] } = body.resultSetMetaData ?? {}
  if (!rowType || !body.statementHandle)
    throw new ConnectorError('schema', 'Snowflake answers without the columns of the result.')
  const columns = rowType.map(columnOf)
  const at = platformClock(reply, ctx.clock.now())
  const rowsOf = (data: (string | null)[][] = []) =>
    data.map((cells) => cells.map((cell, i) => written(cell, columns[i]!)))
  yield { columns, rows: rowsOf(body.data), at }
  for (let partition = 1; partition < partitionInfo.length; partition++) {
    const next = await ctx.http.request({
      url: `/api/v2/statements/${encodeURIComponent(body.statementHandle)}`,
      query: { partition },
      headers: HEADERS,
      priority,
      timeoutMs: TIMEOUT_MS,
    })
    yield { columns, rows: rowsOf((next.json() as Body).data), at }
  }
}

const HEADERS = { accept: 'application/json' }

/** The answer with the first rows, however long the statement takes. */
async function finished(ctx: Ctx, statement: Statement, priority: Priority): Promise<{ body: Body; reply: HttpReply }> {
  const ends = ctx.clock.now() + (ctx.config.statement_timeout + 60) * 1000
  let request = submission(ctx.config, statement, priority)
  for (;;) {
    const reply = await ctx.http.request(request)
    const body = reply.json() as Body
    if (reply.status !== 202) return { body, reply }
    if (ctx.clock.now() > ends || body.statementHandle === undefined)
      throw new ConnectorError('upstream', 'Snowflake does not finish a statement in time.', { retryable: false })
    await ctx.clock.sleep?.(LOOK_MS, ctx.signal)
    const url = `/api/v2/statements/${encodeURIComponent(body.statementHandle)}`
    request = { url, headers: HEADERS, priority, timeoutMs: TIMEOUT_MS }
  }
}

/** With an id of its own, so that it runs once however often it is sent. */
function submission(config: SnowflakeConfig, { sql, parameters }: Statement, priority: Priority): HttpRequest {
  const { role, warehouse, database, schema, statement_timeout } = config
  const bindings = parameters.map((p, i) => [String(i + 1), { type: 'TEXT', value: valueOf(p) }] as const)
  return {
    method: 'POST',
    url: '/api/v2/statements',
    query: { requestId: randomUUID(), retry: true, nullable: true },
    headers: HEADERS,
    json: {
      statement: sql,
      timeout: statement_timeout,
      warehouse,
      ...(role !== undefined && { role }),
      ...(database !== undefined && { database }),
      ...(schema !== undefined && { schema }),
      ...(bindings.length > 0 && { bindings: Object.fromEntries(bindings) }),
      parameters: { ...OUTPUT, query_tag: 'plumbline', multi_statement_count: 1 },
    },
    priority,
    timeoutMs: TIMEOUT_MS,
  }
}

/** The offset in figures: `Z` is none of the forms that are told of. */
function valueOf({ value, column }: Parameter): string {
  return column.time === 'instant' ? value.replace(/Z$/, '+00:00') : value
}

/** A statement whose rows are few. */
export async function ask(ctx: Ctx, sql: string, priority: Priority): Promise<Answer> {
  let columns: readonly Column[] = []
  const rows: Answer['rows'][number][] = []
  let at = ctx.clock.now()
  for await (const answer of answers(ctx, { sql, parameters: [], pageSize: 1000 }, priority)) {
    ;({ columns, at } = answer)
    rows.push(...answer.rows)
  }
  return { columns, rows, at }
}
