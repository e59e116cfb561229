/** A platform over HTTP on a loopback port, answering as each test says, and a small connector that reads it. */
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import type { Connector, RawRow, Stream } from '../../connectors/contract.ts'
import { defineConnector, MappingError } from '../../connectors/contract.ts'
import { completeThrough, doneCursor, lastOf, openWindow, pageCursor } from '../../connectors/cursor.ts'
import type { Position } from '../../connectors/cursor.ts'
import { rawText } from '../../connectors/exact-json.ts'

export interface Seen {
  method: string
  path: string
  query: URLSearchParams
  headers: IncomingMessage['headers']
  body: string
}

export interface Answer {
  status?: number
  headers?: Record<string, string | string[]>
  json?: unknown
  text?: string
  bytes?: Uint8Array
  /** Takes over: for answers that break off, hang or drip. */
  raw?: (response: ServerResponse) => void
}

export interface HttpPlatform {
  url: string
  requests: Seen[]
  /** What answers from now on. */
  answer(by: (request: Seen) => Answer | Promise<Answer>): void
  stop(): Promise<void>
}

export async function startHttpPlatform(): Promise<HttpPlatform> {
  let by: (request: Seen) => Answer | Promise<Answer> = () => ({ status: 404 })
  const requests: Seen[] = []
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const url = new URL(incoming.url!, 'http://local')
      const body = Buffer.concat(chunks).toString()
      const seen = {
        method: incoming.method!,
        path: url.pathname,
        query: url.searchParams,
        headers: incoming.headers,
        body,
      }
      requests.push(seen)
      void Promise.resolve(by(seen)).then((answer) => send(response, answer))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answer: (next) => void (by = next),
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

function send(response: ServerResponse, { status = 200, headers = {}, json, text, bytes, raw }: Answer): void {
  if (raw) return raw(response)
  response.writeHead(status, { ...(json !== undefined && { 'content-type': 'application/json' }), ...headers })
  response.end(bytes ?? text ?? (json === undefined ? '' : JSON.stringify(json)))
}

/** One row of the shelf platform; `at` is its change stamp. */
export interface ShelfRow {
  id: string
  at: number
  [field: string]: unknown
}

/** A platform with one list per stream: `/<list>?since&after&afterId&limit`, ordered by (at, id). */
export interface Shelf {
  lists: Map<string, ShelfRow[]>
  /** Answers something else first: faults. */
  fault: (request: Seen) => Answer | undefined
  now: () => number
}

export function serveShelf(platform: HttpPlatform, now: () => number): Shelf {
  const shelf: Shelf = { lists: new Map(), fault: () => undefined, now }
  platform.answer((request) => {
    const fault = shelf.fault(request)
    if (fault) return fault
    const date = new Date(shelf.now()).toUTCString()
    const [, list, id] = request.path.split('/')
    const rows = shelf.lists.get(list!)
    if (!rows) return { status: 404, headers: { date } }
    if (id === 'count') return { headers: { date }, json: { count: rows.length } }
    if (id !== undefined) {
      const row = rows.find((r) => r.id === decodeURIComponent(id))
      return row ? { headers: { date }, json: row } : { status: 404, headers: { date } }
    }
    const limit = Number(request.query.get('limit'))
    const since = Number(request.query.get('since') ?? 0)
    const after = request.query.get('after')
    const afterId = request.query.get('afterId') ?? ''
    const sorted = [...rows].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))
    const reach = sorted.filter((r) =>
      after === null ? r.at >= since : r.at > Number(after) || (r.at === Number(after) && r.id > afterId),
    )
    return { headers: { date }, json: { rows: reach.slice(0, limit), more: reach.length > limit } }
  })
  return shelf
}

const shelfConfig = z.strictObject({
  url: z.url(),
  page: z.number().int().default(50),
  lag: z.number().int().default(30_000),
  /** Hands out a place before it reads, as a connector does that has asked for a job. */
  asks: z.boolean().default(false),
})
type ShelfConfig = z.output<typeof shelfConfig>

/** Reads customers from `/customers` and invoices from `/invoices`; every way in which a real connector behaves, small. */
export const shelfConnector: Connector<ShelfConfig> = defineConnector<ShelfConfig>({
  title: 'Shelf',
  config: shelfConfig,
  base: (config) => config.url,
  ping: async (ctx) => {
    await ctx.http.request({ url: '/customers', query: { limit: 1 } })
    return { account: 'shelf' }
  },
  streams: [
    shelfStream('customers', 'customer', ['name', 'domain', 'tax_id', 'currency', 'credit_limit', 'state']),
    shelfStream('invoices', 'invoice', ['number', 'total', 'currency', 'customer', 'state']),
    shelfStream('leads', 'customer', ['name']),
  ],
  limits: { calls: 100_000, windowMs: 60_000, concurrency: 4, reserve: 0 },
  lagMs: 30_000,
  replayDays: null,
})

function shelfStream(name: string, kind: string, holds: string[]): Stream<ShelfConfig> {
  return {
    name,
    kind,
    source: name,
    holds,
    deletes: 'sweep',
    async *read(ctx, cursor) {
      const full = ctx.mode === 'full'
      let window: ReturnType<typeof openWindow> | null = null
      let after: Position | null = null
      if (ctx.config.asks && cursor === null) yield { rows: [], cursor: { began: ctx.clock.now(), done: false } }
      for (;;) {
        const open: ReturnType<typeof openWindow> = window ?? openWindow(cursor, ctx.clock.now(), ctx.config.lag)
        after ??= open.after
        const reply = await ctx.http.request({
          url: `/${name}`,
          query: {
            limit: ctx.config.page,
            since: open.since ?? undefined,
            ...(after && { after: after.stamp, afterId: after.id }),
          },
        })
        window ??= open
        const body = reply.json() as { rows: ShelfRow[]; more: boolean }
        after = lastOf(body.rows, (r) => ({ stamp: r.at, id: r.id })) ?? after
        const deleted = body.rows
          .filter((r) => r['tombstone'])
          .map((r) => ({
            id: r.id,
            at: r.at,
            ...(typeof r['mergedInto'] === 'string' && { mergedInto: r['mergedInto'] }),
          }))
        const rows = body.rows
          .filter((r) => !r['tombstone'])
          .map((value): RawRow => ({ id: value.id, value, raw: rawText(value), at: `/${name}` }))
        if (body.more && after) yield { rows, deleted, cursor: pageCursor(window, after) }
        else
          return yield {
            rows,
            deleted,
            cursor: doneCursor(window, after),
            completeThrough: completeThrough(window),
            ...(full && { last: true }),
          }
      }
    },
    map(row) {
      const { id, at, deleted, refs, status, ...fields } = row.value as ShelfRow & {
        deleted?: boolean
        refs?: Record<string, string>
        status?: string
      }
      if (fields['poison']) throw new MappingError('name', 'the row is poisoned')
      return {
        record_id: id,
        changed_at: at,
        fields,
        ...(deleted && { deleted }),
        ...(refs && { refs }),
        ...(status && { status }),
      }
    },
    async one(ctx, id) {
      const reply = await ctx.http.request({ url: `/${name}/${encodeURIComponent(id)}`, accept: [404] })
      if (reply.status === 404) return null
      const value = reply.json()
      return { id, value, raw: rawText(value) }
    },
    async count(ctx) {
      return ((await ctx.http.request({ url: `/${name}/count` })).json() as { count: number }).count
    },
  }
}
