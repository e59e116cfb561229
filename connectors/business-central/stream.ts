/**
 * One entity as a stream. Filters cannot join conditions on different properties by `or`, and ids are not ordered as text: so
 * a run that is taken up again starts at the last stamp itself, and the rows of that stamp come once more.
 */
import type { ConnectorContext, Cursor, HttpReply, Page, Range, Stream, StreamContext } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import type { Position } from '../cursor.ts'
import { completeThrough, doneCursor, openWindow, pageCursor, platformClock } from '../cursor.ts'
import { asEntity, pageOf } from '../odata.ts'
import { MAX_PAGES } from '../paging.ts'
import type { CentralConfig } from './config.ts'
import { rootOf } from './config.ts'
import type { EntitySpec } from './entities.ts'
import { holdsOf } from './entities.ts'
import { mapRow, rowOf, stampMs } from './rows.ts'

/** A row is stamped inside its transaction and seen when that ends; long ones are cancelled after minutes. */
export const LAG_MS = 120_000

type Ctx = ConnectorContext<CentralConfig>
type Reading = StreamContext<CentralConfig>

export const listPath = (spec: EntitySpec, config: CentralConfig) => `${rootOf(config)}/${spec.name}`
export const onePath = (spec: EntitySpec, config: CentralConfig, id: string) =>
  `${listPath(spec, config)}(${encodeURIComponent(id)})`

export function entityStream(spec: EntitySpec): Stream<CentralConfig> {
  return {
    name: spec.name,
    kind: spec.kind,
    source: spec.name,
    holds: holdsOf(spec),
    deletes: 'sweep',
    read: (ctx, cursor) => (ctx.mode === 'full' ? everything(spec, ctx) : changes(spec, ctx, cursor)),
    map: (row, { config }) => mapRow(spec, row, config),
    range: (ctx, range, cursor) => within(spec, ctx, range, cursor),
    async cost(ctx, range) {
      const rows = await total(spec, ctx, between(range))
      return { calls: Math.max(1, Math.ceil(rows / PAGE_ROWS)), rows, exact: true, by: 'change' }
    },
    async one(ctx, id) {
      const reply = await ctx.http.request({ url: onePath(spec, ctx.config, id), accept: [404], priority: 'verify' })
      const entity = reply.status === 404 ? null : asEntity(reply.json())
      return entity && rowOf(entity)
    },
    count: (ctx) => total(spec, ctx),
  }
}

/** Rows of a page; the platform gives up to 20,000, in answers that may be too large. */
const PAGE_ROWS = 2_000
const instant = (ms: number) => new Date(ms).toISOString()
const between = ({ from, to }: Range) =>
  `lastModifiedDateTime ge ${instant(from)} and lastModifiedDateTime lt ${instant(to)}`

async function total(spec: EntitySpec, ctx: Ctx, filter?: string): Promise<number> {
  const url = `${listPath(spec, ctx.config)}/$count`
  const reply = await ctx.http.request({ url, query: { ...(filter && { $filter: filter }) }, priority: 'sweep' })
  const count = /^\uFEFF?\s*(\d+)\s*$/.exec(reply.text)?.[1]
  if (count === undefined) throw new ConnectorError('schema', `Business Central does not count ${spec.name}.`)
  return Number(count)
}

async function* changes(spec: EntitySpec, ctx: Reading, cursor: Cursor): AsyncGenerator<Page> {
  let window = openWindow(cursor, ctx.clock.now(), LAG_MS)
  const since = window.since
  let last: Position | null = window.after
  let first = true
  const ask = () => {
    const from = last?.stamp ?? since
    return from === null ? null : `lastModifiedDateTime ge ${instant(from)}`
  }
  for await (const { reply, rows, end } of pages(spec, ctx, ask, 'read')) {
    if (first) window = openWindow(cursor, platformClock(reply, ctx.clock.now()), LAG_MS)
    first = false
    last = placeOf(rows) ?? last
    yield {
      rows,
      ...(end
        ? { cursor: doneCursor(window, last), completeThrough: completeThrough(window) }
        : last && { cursor: pageCursor(window, last) }),
    }
  }
}

async function* everything(spec: EntitySpec, ctx: Reading): AsyncGenerator<Page> {
  let began: number | null = null
  for await (const { reply, rows, end } of pages(spec, ctx, () => null, 'sweep')) {
    began ??= platformClock(reply, ctx.clock.now())
    yield { rows, ...(end && { last: true, cursor: null, completeThrough: began - LAG_MS }) }
  }
}

async function* within(spec: EntitySpec, ctx: Reading, range: Range, cursor: Cursor): AsyncGenerator<Page> {
  let from = typeof cursor?.['stamp'] === 'number' ? cursor['stamp'] : range.from
  for await (const { rows } of pages(spec, ctx, () => between({ from, to: range.to }), 'sweep')) {
    from = placeOf(rows)?.stamp ?? from
    yield { rows, cursor: { stamp: from } }
  }
}

interface ListPage {
  reply: HttpReply
  rows: ReturnType<typeof rowOf>[]
  end: boolean
}

/** A next page that is not known any more: the same question again, from the last stamp that was seen. */
async function* pages(
  spec: EntitySpec,
  ctx: Reading,
  filter: () => string | null,
  priority: 'read' | 'sweep',
): AsyncGenerator<ListPage> {
  const headers = { prefer: `odata.maxpagesize=${Math.min(PAGE_ROWS, Math.max(1, ctx.pageSize))}` }
  const start = () => {
    const asked = filter()
    const query = { $orderby: 'lastModifiedDateTime', ...(asked !== null && { $filter: asked }) }
    return ctx.http.request({ url: listPath(spec, ctx.config), query, headers, priority })
  }
  let reply = await start()
  for (let page = 0; page < MAX_PAGES; page++) {
    const { entities, next } = pageOf(reply, 'Business Central', spec.name)
    yield { reply, rows: entities.map(rowOf), end: next === null }
    if (next === null) return
    reply = await ctx.http.request({ url: next, headers, priority, accept: [400, 404, 410] })
    if (reply.status >= 400) {
      ctx.log.info('A page address is gone; reading goes on from the last stamp.', { entity: spec.name })
      reply = await start()
    }
  }
  throw new ConnectorError('schema', `${spec.name} has more than ${MAX_PAGES} pages.`)
}

function placeOf(rows: ListPage['rows']): Position | null {
  for (const row of rows.toReversed()) {
    const stamp = stampMs(asEntity(row.value)?.['lastModifiedDateTime'])
    if (stamp !== null && row.id !== null) return { stamp, id: row.id }
  }
  return null
}
