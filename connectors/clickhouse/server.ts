/** ClickHouse as a warehouse: its dialect, and one statement over the HTTP interface. */
import type { ConnectorContext } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import { platformClock } from '../cursor.ts'
import type { Answer, Column, Parameter, Priority, Statement, Warehouse } from '../warehouse.ts'
import type { ClickHouseConfig } from './config.ts'

export const server: Warehouse<ClickHouseConfig> = {
  dialect: {
    textType: 'String',
    quote: (name) => `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``,
    table: (name) => name,
    parameter,
    text: (expression) => `toString(${expression})`,
  },
  // Without an index on (changed, id) each statement reads the column of changed as a whole: few, large ones.
  pagesAStatement: 20,
  async *run(ctx, statement, priority) {
    yield await ask(ctx, statement, priority)
  },
}

/** Placeholders carry their type. Times are read from ISO text, which the plain types do not take. */
function parameter(n: number, { type, time }: Column): string {
  if (time === 'instant') return `parseDateTime64BestEffort({p${n}:String}, 9, 'UTC')`
  if (time === 'day') return `toDate32({p${n}:String})`
  return `{p${n}:${bare(type)}}`
}

/** `LowCardinality(Nullable(String))` → `String`. */
export function bare(type: string): string {
  const inner = /^(?:Nullable|LowCardinality)\((.*)\)$/s.exec(type)?.[1]
  return inner === undefined ? type : bare(inner)
}

function timeOf(type: string): Column['time'] {
  const plain = bare(type)
  if (/^DateTime(64)?\b/.test(plain)) return 'instant'
  return /^Date(32)?$/.test(plain) ? 'day' : null
}

export async function ask(
  ctx: ConnectorContext<ClickHouseConfig>,
  { sql, parameters }: Pick<Statement, 'sql' | 'parameters'>,
  priority: Priority,
): Promise<Answer> {
  const { config } = ctx
  const reply = await ctx.http.request({
    method: 'POST',
    url: '/',
    query: {
      database: config.database,
      ...(!config.fixed_settings && settings(config)),
      ...Object.fromEntries(parameters.map((p, i) => [`param_p${i + 1}`, escaped(p)])),
    },
    text: `${sql} FORMAT JSONCompact`,
    // Such an answer may break off in the middle, with a reason that nobody could unpack.
    ...(config.fixed_settings && { headers: { 'accept-encoding': 'identity' } }),
    priority,
    timeoutMs: (config.statement_timeout + 30) * 1000,
  })
  const body = reply.json() as { meta?: { name: string; type: string }[]; data?: unknown[][] }
  if (!Array.isArray(body.meta) || !Array.isArray(body.data))
    throw new ConnectorError('schema', 'ClickHouse answers without columns and rows.', {
      remedy: 'Check that url is the address of its HTTP interface.',
    })
  const columns = body.meta.map(({ name, type }) => ({ name, type, time: timeOf(type) }))
  return {
    columns,
    rows: body.data.map((cells) => cells.map(written)),
    at: platformClock(reply, ctx.clock.now()),
  }
}

/** Nothing may be changed; whole answers or errors, never the beginning of one; numbers with all digits, times in UTC. */
function settings({ final, statement_timeout }: ClickHouseConfig): Record<string, string | number> {
  return {
    readonly: 2,
    final: final ? 1 : 0,
    max_execution_time: statement_timeout,
    wait_end_of_query: 1,
    date_time_output_format: 'iso',
    output_format_json_quote_64bit_integers: 1,
    output_format_json_quote_64bit_floats: 1,
    output_format_json_quote_decimals: 1,
    output_format_json_quote_denormals: 1,
  }
}

/** Values of parameters are read like cells of a tab-separated file. */
function escaped({ value }: Parameter): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n')
}

function written(cell: unknown): string | null {
  if (cell === null || cell === undefined) return null
  return typeof cell === 'object' ? JSON.stringify(cell) : String(cell)
}
