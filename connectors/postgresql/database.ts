/** PostgreSQL as a warehouse: its dialect, and statements that end with the rows or the columns of one answer. */
import type { ConnectorContext } from '../contract.ts'
import type { Answer, Warehouse } from '../warehouse.ts'
import type { PostgresConfig } from './config.ts'
import { transaction } from './session.ts'

export const database: Warehouse<PostgresConfig> = {
  dialect: {
    textType: 'text',
    quote: (name) => `"${name.replaceAll('"', '""')}"`,
    table: (name) => name,
    parameter: (n, { type }) => `CAST($${n} AS ${type})`,
    text: (expression) => `CAST(${expression} AS text)`,
  },
  // An index on (changed, id) makes each statement cheap; a connection for every thousand rows would not be.
  pagesAStatement: 5,
  async *run(ctx, { sql, parameters, pageSize }, priority) {
    const values = parameters.map((p) => p.value)
    const [answer] = await transaction(ctx, [{ text: sql, values }], priority)
    yield pageSize > 0 ? answer! : await named(ctx, answer!, priority)
  },
}

/** Columns with the names of their types: what values are compared with them as. */
async function named(
  ctx: ConnectorContext<PostgresConfig>,
  answer: Answer,
  priority: 'verify' | 'read' | 'sweep',
): Promise<Answer> {
  const types = [...new Set(answer.columns.map((c) => c.type))]
  const text = 'SELECT oid, oid::regtype::text FROM pg_type WHERE oid = ANY (CAST($1 AS oid[]))'
  const [found] = await transaction(ctx, [{ text, values: [`{${types.join(',')}}`] }], priority)
  const names = new Map(found!.rows.map(([oid, name]) => [oid, name ?? 'text']))
  return { ...answer, columns: answer.columns.map((c) => ({ ...c, type: names.get(c.type) ?? 'text' })) }
}
