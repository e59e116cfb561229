/**
 * Stripe's events: the only account of what changed. They are read in windows of time, oldest window first, so that
 * each window is a place to go on from; inside a window Stripe lists them newest first.
 */
import type { ConnectorContext } from '../contract.ts'
import { platformClock } from '../cursor.ts'
import type { StripeConfig } from './config.ts'
import { createdOf, PAGE, pages } from './lists.ts'
import type { StripeObject } from './object.ts'
import { asObject, idOf, textOf } from './object.ts'
import type { ObjectStream } from './streams/stream.ts'

/** The newest event of one object. */
export interface Change {
  id: string
  /** Unix seconds. */
  at: number
  gone: boolean
  request: string | null
}

export interface EventWindow {
  changes: Map<string, Change>
  /** Stripe's clock at the first reply, Unix seconds. */
  now: number
}

/** Events of one window; more are read in narrower windows, so that a broken run repeats little. */
export const WINDOW_EVENTS = 1_000

type Reader = Pick<ConnectorContext<StripeConfig>, 'http' | 'log' | 'clock' | 'config'>

/**
 * Reads the events in `[from, to)`; `to` null: up to now.
 * @returns `full: true` instead of the changes when there are more than `limit`, with Stripe's clock to choose a narrower window by
 */
export async function readWindow(
  ctx: Reader,
  stream: ObjectStream,
  from: number,
  to: number | null,
  limit = Infinity,
): Promise<EventWindow & { full: boolean }> {
  const query: Record<string, string | number> = {
    limit: PAGE,
    'created[gte]': from,
    ...(to !== null && { 'created[lt]': to }),
  }
  stream.events.forEach((type, i) => (query[`types[${i}]`] = type))
  const changes = new Map<string, Change>()
  let now: number | null = null
  let read = 0
  for await (const page of pages(ctx, '/v1/events', query, { byCreated: false })) {
    now ??= Math.floor(platformClock(page.reply, ctx.clock.now()) / 1000)
    read += page.rows.length
    if (read > limit && page.more) return { changes, now, full: true }
    for (const row of page.rows) {
      const event = asObject(row)
      if (!event || !collect(changes, event, stream, from, ctx.config))
        ctx.log.warn('an event cannot be read; the sweep finds what it was about', { event: idOf(row) })
    }
  }
  return { changes, now: now ?? Math.floor(ctx.clock.now() / 1000), full: false }
}

/** @returns false if the event does not say what it is about */
function collect(
  changes: Map<string, Change>,
  event: StripeObject,
  stream: ObjectStream,
  from: number,
  config: StripeConfig,
): boolean {
  const type = textOf(event['type'])
  const object = asObject(asObject(event['data'])?.['object'])
  if (type === null || object === null) return false
  // Filters are applied again here: an endpoint that ignores one must not send us after foreign objects.
  if (!stream.events.includes(type)) return true
  const id = stream.subject(object, type, config)
  if (id === null) return true
  const at = createdOf(event) ?? from
  const gone = stream.gone?.(config) === type
  const known = changes.get(id)
  const call = asObject(event['request'])
  const request = textOf(call?.['idempotency_key']) ?? textOf(call?.['id']) ?? textOf(event['request'])
  // Newest first: the first one seen is the newest. A deletion is final, ids are never used again.
  if (!known || at > known.at) changes.set(id, { id, at, gone: gone || known?.gone === true, request })
  else if (gone && !known.gone) changes.set(id, { ...known, gone: true })
  return true
}
