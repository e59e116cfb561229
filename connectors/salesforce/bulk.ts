/**
 * Query jobs of Bulk API 2.0: the org finds all rows of an object by itself and keeps them for a week as CSV, of which each call
 * brings five times as many rows as a page. For first loads and sweeps of many rows. A job outlives the run that asked for it:
 * its id and the place in its results are the cursor. What the org refuses is read in pages, and that is said.
 */
import type { Cursor, HttpReply, HttpRequest, RawRow, StreamContext } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import { csvRowsOf, OpenQuote } from '../csv-rows.ts'
import type { Position } from '../cursor.ts'
import { lastOf } from '../cursor.ts'
import { parseExact } from '../exact-json.ts'
import { MAX_PAGES } from '../paging.ts'
import type { SalesforceConfig } from './config.ts'
import { root } from './config.ts'
import { CALLS_SPENT, problems } from './dialect.ts'
import { id18, stampMs } from './soql.ts'

type Reading = StreamContext<SalesforceConfig>

/** Where in which job's results. */
export interface BulkPlace {
  job: string
  /** The org's name for the next part; null: the first one. */
  locator: string | null
  /** Our clock when it was asked for. */
  asked: number
  /** Rows of the parts before. */
  read: number
  /** Newest change in them. */
  newest: Position | null
}

export interface BulkPart {
  rows: RawRow[]
  /** Newest change of this part and all before. */
  newest: Position | null
  /** Null: there are no more rows. */
  next: BulkPlace | null
  /** That was all; this part has no rows. */
  end: boolean
}

/** What a job is asked for: without an order, by which the org could not divide it. */
export interface Wanted {
  operation: 'query' | 'queryAll'
  object: string
  q: string
  /** Type of each field by its name, as the org describes it. */
  types: ReadonlyMap<string, string>
  priority: 'read' | 'sweep'
}

/** Rows of one part, in pages: what some megabytes hold. */
const PART_PAGES = 5
const PART_TIMEOUT_MS = 300_000
const WAIT_MS = 5_000
const WAIT_MOST_MS = 60_000
/** A job that works for longer is looked for again by the next run. */
const PATIENCE_MS = 2 * 3_600_000
/** One that waits for longer than this will not come: it is called off. */
const GIVE_UP_MS = 24 * 3_600_000
const AT_WORK = new Set<unknown>(['UploadComplete', 'InProgress'])
const REFUSALS = [400, 403, 404, 409]

/** The org does not do it by a job: why, in its own words. */
class NoJob extends Error {}

/** Where a cursor stands in the results of a job; null: in none. */
export function bulkPlaceIn(cursor: Cursor): BulkPlace | null {
  const place = (cursor?.['done'] === true ? null : (cursor?.['bulk'] ?? null)) as Partial<BulkPlace> | null
  return typeof place?.job === 'string'
    ? { locator: null, asked: 0, read: 0, newest: null, ...place, job: place.job }
    : null
}

/**
 * The rows of a job, from a place in its results on or of a new one. The first part of a new one has no rows: it is to be kept
 * before anybody waits. @returns what to tell people where the org does not do it; null: that was all
 */
export async function* bulkParts(
  ctx: Reading,
  wanted: Wanted,
  from: BulkPlace | null,
): AsyncGenerator<BulkPart, string | null> {
  try {
    let place = from
    if (place === null) {
      place = { job: await create(ctx, wanted), locator: null, asked: ctx.clock.now(), read: 0, newest: null }
      yield { rows: [], newest: null, next: place, end: false }
    }
    const rows = await finished(ctx, wanted, place)
    for (let part = 0; place !== null; part++) {
      if (part === MAX_PAGES)
        throw new ConnectorError('schema', `The results of a job have more than ${MAX_PAGES} parts.`)
      const found: BulkPart = await partAt(ctx, wanted, place)
      yield found
      if (found.next === null) {
        // By what is missing here, records would be called gone.
        const read = place.read + found.rows.length
        if (rows !== null && rows !== read) throw new NoJob(`the job found ${rows} rows, but its results have ${read}.`)
        // A page without rows is kept at once: only then are the results, which count against the org, not needed any more.
        yield { ...found, rows: [], end: true }
        await call(ctx, wanted, { method: 'DELETE', url: at(ctx, place.job) }, [204])
      }
      place = found.next
    }
    return null
  } catch (error) {
    if (!(error instanceof NoJob)) throw error
    ctx.log.warn('a query job gives no rows; the object is read in pages', {
      object: wanted.object,
      reason: error.message,
    })
    return `Salesforce does not give ${wanted.object} by a bulk query job: ${error.message} It is read in pages, which takes more calls.`
  }
}

const at = (ctx: Reading, job = '') => `${root(ctx.config)}/jobs/query${job && `/${job}`}`

/** One call; a refusal that is not about the calls themselves is an answer. */
async function call(ctx: Reading, { priority }: Wanted, request: HttpRequest, good = [200]): Promise<HttpReply | null> {
  const asked = { ...request, priority }
  let reply = await ctx.http.request({ ...asked, accept: REFUSALS })
  if (problems(reply).some(({ code }) => code === CALLS_SPENT)) reply = await ctx.http.request(asked)
  if (good.includes(reply.status)) return reply
  const [said] = problems(reply)
  ctx.log.info('a job was refused', { status: reply.status, code: said?.code ?? null })
  if (request.method === 'DELETE') return null
  throw new NoJob(said ? `${said.message.replace(/\.?$/, '.')} (${said.code})` : `it answered ${reply.status}.`)
}

async function create(ctx: Reading, wanted: Wanted): Promise<string> {
  const { operation, q } = wanted
  const reply = await call(ctx, wanted, { method: 'POST', url: at(ctx), json: { operation, query: q } })
  const { id } = reply!.json() as { id?: unknown }
  if (typeof id !== 'string') throw new ConnectorError('schema', 'Salesforce names no id of the job that it made.')
  return id
}

/** Waits until the job is done. @returns how many rows it found; null: the org does not say */
async function finished(ctx: Reading, wanted: Wanted, { job, asked }: BulkPlace): Promise<number | null> {
  const until = ctx.clock.now() + PATIENCE_MS
  for (let wait = WAIT_MS; ; wait = Math.min(WAIT_MOST_MS, wait * 1.5)) {
    const reply = await call(ctx, wanted, { url: at(ctx, job) })
    const said = reply!.json() as { state?: string; errorMessage?: string; numberRecordsProcessed?: unknown }
    const { state, errorMessage, numberRecordsProcessed: rows } = said
    if (state === 'JobComplete') return typeof rows === 'number' ? rows : null
    if (!AT_WORK.has(state)) throw new NoJob(`the job ended as ${state}${errorMessage ? `: ${errorMessage}` : ''}.`)
    const now = ctx.clock.now()
    if (now - asked > GIVE_UP_MS) {
      await call(ctx, wanted, { method: 'PATCH', url: at(ctx, job), json: { state: 'Aborted' } })
      throw new NoJob('the job was not done after a day and was called off.')
    }
    if (now >= until || !ctx.clock.sleep)
      throw new ConnectorError('upstream', `The query job of ${wanted.object} is not done yet.`, { retryable: true })
    await ctx.clock.sleep(wait, ctx.signal)
  }
}

async function partAt(ctx: Reading, wanted: Wanted, place: BulkPlace): Promise<BulkPart> {
  const reply = (await call(ctx, wanted, {
    url: `${at(ctx, place.job)}/results`,
    query: {
      maxRecords: PART_PAGES * Math.min(2000, Math.max(200, ctx.pageSize)),
      locator: place.locator ?? undefined,
    },
    headers: { accept: 'text/csv' },
    timeoutMs: PART_TIMEOUT_MS,
  }))!
  const rows = rowsIn(reply.text, wanted)
  const said = Number(reply.headers['sforce-numberofrecords'] ?? rows.length)
  if (said !== rows.length) throw new NoJob(`a part of its results has ${rows.length} rows and should have ${said}.`)
  const newest = lastOf([...(place.newest ? [place.newest] : []), ...rows.flatMap(placeOf)], (p) => p)
  const locator = reply.headers['sforce-locator'] ?? 'null'
  if (locator === place.locator) throw new NoJob('its results do not advance.')
  return {
    rows,
    newest,
    next: locator === 'null' ? null : { ...place, locator, read: place.read + rows.length, newest },
    end: false,
  }
}

function placeOf({ id, value }: RawRow): Position[] {
  const stamp = stampMs((value as Record<string, unknown>)['SystemModstamp'])
  return stamp === null || id === null ? [] : [{ stamp, id }]
}

/** Rows as a page would have them. */
function rowsIn(text: string, { types }: Wanted): RawRow[] {
  try {
    const [header, ...lines] = csvRowsOf(text)
    return lines.map(({ cells, raw, fault }) => {
      const value: Record<string, unknown> = {}
      header!.cells.forEach((path, n) => put(value, path, cellOf(cells[n] ?? '', types.get(path))))
      const id = typeof value['Id'] === 'string' ? id18(value['Id']) : null
      const wrong = fault ?? (cells.length === header!.cells.length ? undefined : 'the row has another number of cells')
      return wrong ? { id: null, value: null, raw, unreadable: wrong } : { id, value, raw: JSON.stringify(value) }
    })
  } catch (error) {
    if (error instanceof OpenQuote) throw new NoJob(`its results cannot be read: ${error.message}.`)
    throw error
  }
}

/** `Owner.Name` lies in a row of its own, as pages have it. */
function put(row: Record<string, unknown>, path: string, cell: unknown): void {
  const names = path.split('.')
  const last = names.pop()!
  let here = row
  for (const name of names) here = (here[name] ??= {}) as Record<string, unknown>
  here[last] = cell
}

const NUMBERS = new Set(['double', 'currency', 'percent', 'int', 'long'])

/** A cell as JSON has it: Salesforce keeps no empty text, so an empty cell is nothing. */
function cellOf(text: string, type: string | undefined): unknown {
  if (text === '') return null
  if (type === 'boolean') return text === 'true'
  if (type === 'datetime') return text.replace(/Z$/, '+0000')
  return type && NUMBERS.has(type) && /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text) ? parseExact(text) : text
}
