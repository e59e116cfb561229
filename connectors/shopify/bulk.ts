/**
 * Bulk operations: Shopify reads all of an object by itself and writes it into a file of JSON lines, which costs no points. For
 * first loads and sweeps of many rows. The operation outlives the run that asked for it: its id and the place in the file are
 * the cursor. What Shopify refuses is read in pages.
 */
import type { Cursor, RawRow, StreamContext } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import type { Position } from '../cursor.ts'
import { lastOf } from '../cursor.ts'
import { parseExact } from '../exact-json.ts'
import { ask, type Priority } from './ask.ts'
import type { ShopifyConfig } from './config.ts'
import { bulkDocument, bulkStartDocument, bulkStateDocument } from './documents.ts'
import type { Node } from './mapping.ts'
import { placeOf, rowOf } from './mapping.ts'
import type { ObjectSpec } from './objects.ts'
import { pathsOf } from './objects.ts'

type Reading = StreamContext<ShopifyConfig>

/** Where in which operation's file. */
export interface BulkPlace {
  id: string
  at: number
}

export interface BulkPage {
  rows: RawRow[]
  last: Position | null
  /** Null: that was all. */
  next: BulkPlace | null
}

/** Bytes of one part of the file. */
const PART = 1024 * 1024
const WAIT_MS = 5_000
const WAIT_MOST_MS = 60_000
/** An operation that runs for longer is asked for again by the next run. */
const PATIENCE_MS = 2 * 3_600_000
const RUNNING = new Set<unknown>(['CREATED', 'RUNNING'])

/** Lists in a row would become lines of their own: such objects are read in pages. */
export const canBulk = (spec: ObjectSpec): boolean => !pathsOf(spec).some((path) => /\bnodes\b/.test(path))

/** Where a cursor stands in the file of an operation; null: in none. */
export function bulkPlaceIn(cursor: Cursor): BulkPlace | null {
  const { id, at } = (cursor?.['done'] === true ? {} : (cursor?.['bulk'] ?? {})) as { id?: unknown; at?: unknown }
  return typeof id === 'string' && typeof at === 'number' ? { id, at } : null
}

/** Asks for an operation. Null: the shop does not take it now (another one of this app is running). */
export async function startBulk(
  spec: ObjectSpec,
  ctx: Reading,
  query: string | null,
  priority: Priority,
): Promise<BulkPlace | null> {
  const { data } = await ask(ctx, bulkStartDocument, { query: bulkDocument(spec, query) }, priority)
  const { bulkOperation, userErrors } = (data['started'] ?? {}) as {
    bulkOperation?: { id?: unknown } | null
    userErrors?: { message?: unknown }[]
  }
  if (typeof bulkOperation?.id === 'string') return { id: bulkOperation.id, at: 0 }
  ctx.log.info('the shop takes no bulk operation now; the list is read in pages', {
    list: spec.list,
    reason: userErrors?.map(({ message }) => String(message)).join('; ') ?? '',
  })
  return null
}

/** Address of the finished file; `''`: nothing was found. Null: the operation failed, or is no longer known. */
async function fileOf(ctx: Reading, id: string, priority: Priority): Promise<string | null> {
  const until = ctx.clock.now() + PATIENCE_MS
  for (let wait = WAIT_MS; ; wait = Math.min(WAIT_MOST_MS, wait * 1.5)) {
    const { data } = await ask(ctx, bulkStateDocument, { id }, priority)
    const { status, errorCode, url } = (data['node'] ?? {}) as {
      status?: string
      errorCode?: string | null
      url?: string | null
    }
    if (status === 'COMPLETED') return typeof url === 'string' ? url : ''
    if (!RUNNING.has(status ?? '')) {
      ctx.log.warn('a bulk operation failed; the list is read in pages', {
        id,
        status: status ?? null,
        errorCode: errorCode ?? null,
      })
      return null
    }
    if (ctx.clock.now() >= until || !ctx.clock.sleep)
      throw new ConnectorError('upstream', 'The bulk operation is not done yet.', { retryable: true })
    await ctx.clock.sleep(wait, ctx.signal)
  }
}

/** The rows of an operation from a place in its file on. @returns null where there is no file to read */
export async function bulkPages(
  spec: ObjectSpec,
  ctx: Reading,
  from: BulkPlace,
  priority: Priority,
): Promise<AsyncGenerator<BulkPage> | null> {
  const url = await fileOf(ctx, from.id, priority)
  return url === null ? null : partsOf(spec, ctx, from, url, priority)
}

async function* partsOf(
  spec: ObjectSpec,
  ctx: Reading,
  from: BulkPlace,
  url: string,
  priority: Priority,
): AsyncGenerator<BulkPage> {
  let at = from.at
  let open: Open | null = null
  let rest: Buffer = Buffer.alloc(0)
  for (let whole = url === ''; !whole;) {
    const part = await partAt(ctx, url, at + rest.length, priority)
    whole = part.last
    const bytes = Buffer.concat([rest, part.bytes])
    const end = whole ? bytes.length : bytes.lastIndexOf(0x0a) + 1
    const page: { rows: RawRow[]; nodes: Node[] } = { rows: [], nodes: [] }
    let place = at
    for (let start = 0; start < end;) {
      const stop = bytes.indexOf(0x0a, start)
      const line = bytes.subarray(start, stop === -1 ? end : stop)
      const node = line.length > 0 ? nodeIn(line) : null
      if (node && (spec.within?.paged !== true || node['__parentId'] === undefined)) {
        close(spec, open, page)
        place = at + start
        open = { node, children: [] }
      } else if (node) child(open, node)
      start = stop === -1 ? end : stop + 1
    }
    if (whole) close(spec, open, page)
    rest = bytes.subarray(end)
    at += end
    // Until its last line is read, an object is not whole: whoever goes on begins with it.
    yield {
      rows: page.rows,
      last: lastOf(page.nodes.flatMap(placeOf), (p) => p),
      next: whole ? null : { id: from.id, at: open ? place : at },
    }
  }
  if (url === '') yield { rows: [], last: null, next: null }
}

interface Open {
  node: Node
  children: Node[]
}

function nodeIn(line: Buffer): Node {
  const node = parseExact(line.toString('utf8'))
  if (typeof node !== 'object' || node === null || Array.isArray(node))
    throw new ConnectorError('schema', 'The file of a bulk operation has a line that is no object.')
  return node as Node
}

function child(open: Open | null, node: Node): void {
  const { __parentId: parent, ...own } = node
  if (open?.node['id'] !== parent)
    throw new ConnectorError('schema', 'The file of a bulk operation has a row away from what it lies in.', {
      remedy: 'Set config.bulk to null for this shop: lists are then read in pages.',
    })
  open!.children.push(own as Node)
}

function close(spec: ObjectSpec, open: Open | null, page: { rows: RawRow[]; nodes: Node[] }): void {
  if (!open) return
  page.nodes.push(open.node)
  page.rows.push(
    ...rowsIn(spec, open)
      .filter((node) => spec.shown(node))
      .map(rowOf),
  )
}

function rowsIn({ within }: ObjectSpec, { node, children }: Open): Node[] {
  if (!within) return [node]
  const { [within.member]: list, ...outer } = node
  const inner = within.paged ? children : ((list ?? []) as Node[])
  return inner.map((one) => ({ ...one, [within.as]: outer }))
}

/** A part of the file. Its address is signed: no token of ours goes there. */
async function partAt(ctx: Reading, url: string, from: number, priority: Priority) {
  const reply = await ctx.http.request({
    url,
    headers: { range: `bytes=${from}-${from + PART - 1}` },
    anonymous: true,
    bytes: true,
    accept: [416],
    priority,
  })
  if (reply.status === 416) return { bytes: Buffer.alloc(0), last: true }
  const bytes = Buffer.from(reply.bytes ?? new Uint8Array())
  // A server that knows no ranges sends everything.
  if (reply.status !== 206) return { bytes: bytes.subarray(from), last: true }
  const total = Number(/\/(\d+)$/.exec(reply.headers['content-range'] ?? '')?.[1] ?? NaN)
  return { bytes, last: Number.isNaN(total) ? bytes.length < PART : from + bytes.length >= total }
}
