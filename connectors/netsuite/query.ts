/** One SuiteQL query over HTTP: its rows as text, whole lists in pages, and retreat from columns that an account lacks. */
import type { ConnectorContext, HttpReply, HttpRequest } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import type { NetSuiteConfig } from './config.ts'
import { problem, unknownName } from './dialect.ts'
import type { Row } from './sources.ts'
import type { RecordSpec } from './spec.ts'
import type { Asked } from './suiteql.ts'
import { asked, CHANGED, KEY } from './suiteql.ts'

export const PATH = '/services/rest/query/v1/suiteql'
/** More than this many rows of one list are not served by offset; main queries therefore page by key. */
const OFFSET_MAX = 100_000
/** Columns and tables that one record type may lack before something else must be wrong. */
const LACKING_MAX = 40

type Ctx = ConnectorContext<NetSuiteConfig>
type Priority = 'verify' | 'read' | 'sweep'

export interface Answer {
  rows: Row[]
  more: boolean
  reply: HttpReply
}

function requestFor(q: string, limit: number, offset: number, priority: Priority): HttpRequest {
  // Without `Prefer: transient` the query resource answers nothing.
  return {
    method: 'POST',
    url: PATH,
    query: { limit, offset },
    headers: { prefer: 'transient' },
    json: { q },
    priority,
    timeoutMs: 120_000,
  }
}

export async function suiteql(ctx: Ctx, q: string, limit: number, priority: Priority, offset = 0): Promise<Answer> {
  return answerOf(await ctx.http.request(requestFor(q, limit, offset, priority)))
}

/** All rows of a short list, by offset. */
export async function listed(ctx: Ctx, q: string, priority: Priority): Promise<Row[]> {
  const limit = ctx.config.page_size
  const rows: Row[] = []
  // Offsets must be whole multiples of the limit, or the request is refused.
  for (let offset = 0; offset + limit <= OFFSET_MAX; offset += limit) {
    const answer = await suiteql(ctx, q, limit, priority, offset)
    rows.push(...answer.rows)
    if (!answer.more) return rows
  }
  throw new ConnectorError('schema', `A list of NetSuite is longer than ${OFFSET_MAX} rows.`, {
    remedy: 'Run the platform more often, or sweep it, so that less has to be caught up.',
  })
}

/** Names that this account does not know, learnt while asking. */
export type Lacking = Set<string>

/**
 * Asks for everything that the record type may have; what the account refuses to know is left out and asked again
 * without. Features that are switched off, and fields hidden from the role, look like this.
 */
export async function ask(
  ctx: Ctx,
  spec: RecordSpec,
  lacking: Lacking,
  write: (asked: Asked) => string,
  limit: number,
  priority: Priority,
): Promise<Answer & { asked: Asked }> {
  for (let round = 0; ; round++) {
    const now = asked(spec, lacking)
    const request = requestFor(write(now), limit, 0, priority)
    const reply = await ctx.http.request({ ...request, accept: [400] })
    if (reply.status !== 400) return { ...answerOf(reply, now), asked: now }
    const said = problem(reply)
    const name = said && unknownName(said)
    if (!name || lacking.has(name) || round >= LACKING_MAX || isEssential(spec, name)) {
      // Once more without `accept`: the door then says what is wrong in our words.
      return { ...answerOf(await ctx.http.request(request), now), asked: now }
    }
    lacking.add(name)
  }
}

function isEssential(spec: RecordSpec, name: string): boolean {
  const essential = [
    spec.table,
    spec.id,
    spec.changed,
    ...(spec.where ?? []),
    ...(spec.joins ?? []).flatMap((j) => (j.required ? [j.table, j.on] : [])),
  ]
  return essential.some((part) => new RegExp(`\\b${name}\\b`, 'i').test(part))
}

/** Columns without a value are left out of rows; those that were asked for are put back as null. */
function answerOf(reply: HttpReply, from?: Asked): Answer {
  const body = reply.json() as { items?: Record<string, unknown>[]; hasMore?: boolean } | null
  if (typeof body !== 'object' || body === null || !Array.isArray(body.items))
    throw new ConnectorError('schema', 'NetSuite answered a query with something that is no query result.')
  const columns = from ? Object.keys(from.columns) : null
  const rows = body.items.map((item) => {
    const { links: _, ...rest } = item
    const row: Row = columns ? Object.fromEntries(columns.map((c) => [c, null])) : {}
    for (const [name, value] of Object.entries(rest))
      row[name.toLowerCase()] = typeof value === 'number' ? String(value) : value
    return row
  })
  return { rows, more: body.hasMore === true, reply }
}

export function keyOf(row: Row): { id: string | null; stamp: unknown } {
  const id = row[KEY]
  return { id: typeof id === 'string' && id !== '' ? id : null, stamp: row[CHANGED] }
}
