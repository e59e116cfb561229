/** The query of an object: conditions, order and a limit; never by number, so that nothing shifts while rows come and go. */
import type { ConnectorContext, HttpReply } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import type { GainsightConfig } from './config.ts'
import { isEmpty, saidIn } from './dialect.ts'
import type { Row } from './rows.ts'

export type Ctx = ConnectorContext<GainsightConfig>
export type Priority = 'verify' | 'read' | 'sweep'

export interface Condition {
  name: string
  operator: 'EQ' | 'GT' | 'GTE' | 'LT'
  value: string | number
}

export interface Asked {
  object: string
  select: readonly string[]
  where: readonly Condition[]
  /** Fields in ascending order. */
  order: readonly string[]
  limit: number
}

/** A time as conditions write it, in whole seconds. */
export function timeIn({ filter_dates }: Pick<GainsightConfig, 'filter_dates'>, ms: number): string | number {
  const whole = Math.floor(ms / 1000) * 1000
  return filter_dates === 'epoch_ms' ? whole : new Date(whole).toISOString().slice(0, 19).replace('T', ' ')
}

export async function query(ctx: Ctx, asked: Asked, priority: Priority): Promise<{ rows: Row[]; reply: HttpReply }> {
  const { object, select, where, order, limit } = asked
  const conditions = where.map(({ name, operator, value }, n) => ({
    name,
    alias: aliasOf(n),
    value: [value],
    operator,
  }))
  const reply = await ctx.http.request({
    method: 'POST',
    url: `/v1/data/objects/query/${object}`,
    json: {
      select,
      ...(conditions.length > 0 && { where: { conditions, expression: conditions.map((c) => c.alias).join(' AND ') } }),
      orderBy: Object.fromEntries(order.map((name) => [name, 'asc'])),
      limit,
      offset: 0,
    },
    priority,
    // Nothing found is told as a failure.
    accept: [400, 404],
  })
  return { rows: rowsOf(reply, object), reply }
}

const aliasOf = (n: number) => String.fromCharCode(65 + n)

/** @throws ConnectorError for an answer that is no list of rows */
function rowsOf(reply: HttpReply, object: string): Row[] {
  const said = saidIn(reply)
  if (isEmpty(said)) return []
  if (reply.status >= 400) {
    const unknown = reply.status === 404 || /object not found/i.test(said.message) || said.code === 'OBJECT_NOT_FOUND'
    throw new ConnectorError(
      unknown ? 'not_found' : 'schema',
      `Gainsight does not take the query of ${object}: ${said.message}`,
      {
        remedy: 'Compare the names of the object and its fields with Data Management in Gainsight.',
      },
    )
  }
  const { data } = (reply.json() ?? {}) as { data?: unknown }
  // Pages of the documentation show both.
  const list = Array.isArray(data) ? (data as unknown[]) : (data as { records?: unknown } | null)?.records
  if (!Array.isArray(list)) throw new ConnectorError('schema', `Gainsight’s answer for ${object} is no list of rows.`)
  return list as Row[]
}
