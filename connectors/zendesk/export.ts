/**
 * Zendesk's incremental exports: everything that changed since an instant, oldest change first. Two styles: by cursor
 * (tickets, users) and by time (organizations). The server leaves out the last minute, so that order is settled.
 */
import type { ConnectorContext, Cursor, HttpReply } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import { platformClock } from '../cursor.ts'
import { MAX_PAGES } from '../paging.ts'
import type { ZendeskConfig } from './config.ts'
import { isLostCursor, thrown } from './errors.ts'
import { asObject, changedOf, idOf, listOf } from './fields.ts'

/** The server excludes changes of the last 60 seconds. */
export const EXCLUDED_S = 60
/** Read again in every run, beyond what is excluded: for changes that were committed late. */
const OVERLAP_S = 60

export interface ExportPage {
  rows: unknown[]
  body: Record<string, unknown>
  /** Resume point after this page. */
  cursor: Cursor
  /** On the last page: epoch ms up to which everything was read. */
  completeThrough?: number
}

export interface ExportSource {
  /** `/api/v2/incremental/tickets/cursor` */
  path: string
  /** Member of the answer that holds the rows. */
  member: string
  style: 'cursor' | 'time'
  query?: Record<string, string | number>
}

type Reader = Pick<ConnectorContext<ZendeskConfig>, 'http' | 'log' | 'clock' | 'config'>

/** Saved between runs, Unix seconds: `start` to begin at, inside a run also `after`, the server's own cursor. */
function placeOf(cursor: Cursor, config: ZendeskConfig): { start: number; after: string | null } {
  const start = cursor?.['start']
  const after = cursor?.['after']
  return {
    start:
      typeof start === 'number' && Number.isSafeInteger(start) ? start : Date.parse(`${config.since}T00:00:00Z`) / 1000,
    after: typeof after === 'string' ? after : null,
  }
}

/** @param cursor null: from the first day of the configuration on */
export async function* exported(ctx: Reader, source: ExportSource, cursor: Cursor): AsyncGenerator<ExportPage> {
  const place = placeOf(cursor, ctx.config)
  return yield* source.style === 'cursor'
    ? byCursor(ctx, source, place.start, place.after)
    : byTime(ctx, source, place.start)
}

async function* byCursor(
  ctx: Reader,
  source: ExportSource,
  start: number,
  resume: string | null,
): AsyncGenerator<ExportPage> {
  let after = resume
  for (let page = 0; page < MAX_PAGES; page++) {
    const reply = await ctx.http.request({
      url: source.path,
      // The specification wants a start time even beside a cursor, which then decides.
      query: { start_time: start, ...source.query, ...(after !== null && { cursor: after }) },
      ...(after !== null && { accept: [400, 422] }),
    })
    if (reply.status >= 400) {
      if (!isLostCursor(reply)) throw thrown(reply)
      ctx.log.info('the export cursor is gone; the export is taken up again by time', { path: source.path })
      after = null
      continue
    }
    const { body, rows, ended } = opened(reply, source)
    const next = body['after_cursor']
    if (ended) return yield { rows, body, ...finished(reply, ctx) }
    if (typeof next !== 'string' || next === after) throw stuck(source.path)
    after = next
    yield { rows, body, cursor: { start, after } }
  }
  throw tooLong(source.path)
}

async function* byTime(ctx: Reader, source: ExportSource, from: number): AsyncGenerator<ExportPage> {
  let start = from
  let known = new Set<string>()
  for (let page = 0; page < MAX_PAGES; page++) {
    const reply = await ctx.http.request({ url: source.path, query: { start_time: start, ...source.query } })
    const { body, rows, ended } = opened(reply, source)
    // Rows that share the second at which a page ends come again on the next one.
    const fresh = rows.filter((row) => !known.has(keyOf(row)))
    if (ended) return yield { rows: fresh, body, ...finished(reply, ctx) }
    const end = body['end_time']
    if (typeof end !== 'number' || !Number.isSafeInteger(end) || end < start) throw stuck(source.path)
    // A page holds all rows of its last second, however many; standing still means that this second is read.
    start = end === start ? end + 1 : end
    known = new Set(rows.map(keyOf))
    yield { rows: fresh, body, cursor: { start } }
  }
  throw tooLong(source.path)
}

function keyOf(row: unknown): string {
  return `${idOf(asObject(row)?.['id']) ?? ''} ${changedOf(row) ?? ''}`
}

function opened(
  reply: HttpReply,
  source: ExportSource,
): { body: Record<string, unknown>; rows: unknown[]; ended: boolean } {
  const body = asObject(reply.json())
  if (!body || !Array.isArray(body[source.member]))
    throw new ConnectorError('schema', `Zendesk’s answer for ${source.path} has no ${source.member}.`)
  const rows = listOf(body[source.member])
  // Without the flag only an empty page surely is the last.
  return {
    body,
    rows,
    ended: body['end_of_stream'] === true || (body['end_of_stream'] === undefined && rows.length === 0),
  }
}

/** By Zendesk's clock at the last answer: rows that changed while we read have moved to the end, and we read to the end. */
function finished(reply: HttpReply, ctx: Reader): Pick<ExportPage, 'cursor' | 'completeThrough'> {
  const through = Math.floor(platformClock(reply, ctx.clock.now()) / 1000) - EXCLUDED_S
  return { cursor: { start: through - OVERLAP_S }, completeThrough: through * 1000 }
}

function stuck(path: string): ConnectorError {
  return new ConnectorError('schema', `The export ${path} does not advance.`)
}

function tooLong(path: string): ConnectorError {
  return new ConnectorError('schema', `The export ${path} has more than ${MAX_PAGES} pages.`, {
    remedy: 'Choose a later first day under `since`.',
  })
}
