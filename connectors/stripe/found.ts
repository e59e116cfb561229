/**
 * Finding what an attempt of ours already made: by our key in the metadata of young objects (lists are never late), and by
 * the other platforms' ids through search, which lags up to a minute and so is only asked for what others made long ago.
 */
import type { ActionRequest } from '../action.ts'
import type { ConnectorContext, RawRow } from '../contract.ts'
import type { StripeConfig } from './config.ts'
import { writing } from './config.ts'
import { pages } from './lists.ts'
import type { StripeObject } from './object.ts'
import { asObject, idOf, listOf } from './object.ts'
import { one } from './read.ts'
import type { ObjectStream } from './streams/stream.ts'

/** How far back a write of ours may lie: Stripe keeps idempotency keys a day; a second day is for the clocks. */
const BACK_S = 2 * 86_400
/** Kinds that Stripe lists by customer: a handful, whatever their age. */
const BY_CUSTOMER = ['subscription', 'invoice']
const SEARCHABLE = ['customer', 'subscription', 'invoice', 'product']

type Reader = ConnectorContext<StripeConfig>

export async function found(ctx: Reader, stream: ObjectStream, request: ActionRequest): Promise<RawRow | null> {
  const ours = (object: StripeObject) => {
    const metadata = asObject(object['metadata']) ?? {}
    return (
      metadata[writing(ctx.config).key] === request.key ||
      Object.entries(request.refs).some(([platform, id]) => metadata[ctx.config.refs[platform] ?? ''] === id)
    )
  }
  const customer = request.references['customer']
  const query: Record<string, string | number> =
    BY_CUSTOMER.includes(stream.kind) && customer !== undefined
      ? { customer, ...stream.list }
      : { 'created[gte]': Math.floor(ctx.clock.now() / 1000) - BACK_S }
  for await (const page of pages(ctx, stream.path(ctx.config), { limit: 100, ...query })) {
    const id = idOf(listOf(page.rows).find(ours))
    if (id !== null) return one(ctx, stream, id)
  }
  return SEARCHABLE.includes(stream.kind) ? searched(ctx, stream, request) : null
}

async function searched(ctx: Reader, stream: ObjectStream, request: ActionRequest): Promise<RawRow | null> {
  for (const [platform, id] of Object.entries(request.refs)) {
    const key = ctx.config.refs[platform]
    if (key === undefined) continue
    const quoted = (text: string) => text.replace(/[\\']/g, (c) => `\\${c}`)
    const reply = await ctx.http.request({
      url: `${stream.path(ctx.config)}/search`,
      query: { query: `metadata['${quoted(key)}']:'${quoted(id)}'`, limit: 1 },
      priority: 'verify',
      // Search is not offered everywhere; what we made ourselves was found without it.
      accept: [400, 404],
    })
    const there = reply.status >= 400 ? null : idOf(listOf(reply.json())[0])
    if (there !== null) return one(ctx, stream, there)
  }
  return null
}
