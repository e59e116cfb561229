/** One model as a stream: its present state, one object, and for companies the tenant's own short list as the count. */
import type { Cursor, Page, Stream, StreamContext } from '../contract.ts'
import { platformClock } from '../cursor.ts'
import type { PlanhatConfig } from './config.ts'
import { listOf, pages } from './lists.ts'
import { costOf, within } from './range.ts'
import type { ModelSpec } from './models.ts'
import { holdsOf } from './models.ts'
import { asObject, mapObject, rowOf } from './objects.ts'

/** How late a written object may be listed; assumed, reads take everything each time anyway. */
export const LAG_MS = 60_000

export function modelStream(spec: ModelSpec): Stream<PlanhatConfig> {
  return {
    name: spec.name,
    kind: spec.kind,
    source: spec.source,
    holds: holdsOf(spec),
    deletes: 'sweep',
    read: (ctx) => everything(spec, ctx),
    range: (ctx, range, cursor) => within(spec, ctx, range, cursor),
    cost: (ctx) => costOf(spec, ctx),
    map: (row) => mapObject(spec, row),
    async one(ctx, id) {
      const url = `/${spec.name}/${encodeURIComponent(id)}`
      const reply = await ctx.http.request({ url, accept: [404], priority: 'verify' })
      const object = reply.status === 404 ? null : asObject(reply.json())
      return object && rowOf(object)
    },
    ...(spec.name === 'companies' && {
      count: async (ctx) =>
        listOf(await ctx.http.request({ url: '/leancompanies', priority: 'sweep' }), 'leancompanies').length,
    }),
  }
}

/** Changes and sweep alike: nothing tells them apart here. What is not in the list is gone. */
async function* everything(spec: ModelSpec, ctx: StreamContext<PlanhatConfig>): AsyncGenerator<Page> {
  const priority = ctx.mode === 'full' ? 'sweep' : 'read'
  let began: number | null = null
  for await (const { rows, reply, end } of pages(ctx, spec, ctx.pageSize, priority)) {
    began ??= platformClock(reply, ctx.clock.now())
    const cursor: Cursor = { read: began }
    yield {
      rows: rows.map(rowOf),
      snapshot: true,
      ...(end && { last: true, cursor, completeThrough: began - LAG_MS }),
    }
  }
}
