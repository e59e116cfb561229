/** Events of the simulated account: derived from the versions that are visible, kept for thirty days as Stripe keeps them. */
import type { PlatformState, SimRecord } from '../../platform.ts'
import type { Rendered } from './objects.ts'
import { objectOf } from './objects.ts'

const RETENTION_S = 30 * 86_400
/** Events are rendered in the account's oldest API version: readers must not rely on their shape. */
const EVENT_VERSION = '2020-08-27'

interface Row {
  created: number
  id: string
  type: string
  record: SimRecord
}

const NAMES: Record<string, string> = {
  customer: 'customer',
  product: 'product',
  subscription: 'customer.subscription',
  invoice: 'invoice',
  payment: 'payment_intent',
  credit: 'credit_note',
}
/** What Stripe cannot delete has no event for it. */
const DELETABLE = ['customer', 'product', 'invoice', 'subscription']
const PAYMENT_MOVES: Record<string, string> = {
  succeeded: 'payment_intent.succeeded',
  failed: 'payment_intent.payment_failed',
  pending: 'payment_intent.processing',
  refunded: 'charge.refunded',
}

const derived = new WeakMap<SimRecord[], Row[]>()

/** Newest first, as Stripe lists them. */
export function eventsOf(state: PlatformState, types: readonly string[]): Rendered[] {
  const since = Math.floor(state.now() / 1000) - RETENTION_S
  const kinds = Object.keys(NAMES).filter(
    (kind) =>
      types.length === 0 ||
      types.some((t) => t.startsWith(`${NAMES[kind]!}.`) || (kind === 'payment' && t.startsWith('charge.'))),
  )
  const rows = kinds
    .flatMap((kind) => rowsOf(state.records(kind)))
    .filter((e) => e.created >= since && (types.length === 0 || types.includes(e.type)))
  return rows.sort((a, b) => b.created - a.created || (a.id < b.id ? 1 : -1)).map((row) => lazy(row))
}

/** Everything that happened to a record, in order of time. */
export function eventsFor(record: SimRecord): Rendered[] {
  return NAMES[record.kind] === undefined ? [] : changesOf(record).map(lazy)
}

/** Only what is on the page is rendered. */
function lazy({ created, id, type, record }: Row): Rendered {
  return {
    id,
    object: 'event',
    api_version: EVENT_VERSION,
    created,
    livemode: true,
    pending_webhooks: 0,
    request: { id: `req_${id.slice(-12)}`, idempotency_key: null },
    type,
    get data() {
      const object = type.startsWith('charge.')
        ? { id: `ch_${record.id.slice(3)}`, object: 'charge', payment_intent: record.id }
        : objectOf(record, EVENT_VERSION)
      return { object }
    },
  }
}

function rowsOf(records: SimRecord[]): Row[] {
  let rows = derived.get(records)
  if (!rows) derived.set(records, (rows = records.flatMap(changesOf)))
  return rows
}

function changesOf(record: SimRecord): Row[] {
  const name = NAMES[record.kind]!
  const row = (ms: number, type: string): Row => {
    const created = Math.floor(ms / 1000)
    return {
      created,
      id: `evt_${record.id.replace('_', '')}${created.toString(36)}${type.length.toString(36)}`,
      type,
      record,
    }
  }
  const rows = [row(record.createdAt, `${name}.created`)]
  if (record.changedAt > record.createdAt)
    rows.push(
      row(
        record.changedAt,
        record.kind === 'payment'
          ? (PAYMENT_MOVES[record.state ?? ''] ?? 'payment_intent.processing')
          : `${name}.updated`,
      ),
    )
  if (record.deletedAt !== undefined && DELETABLE.includes(record.kind))
    rows.push(row(record.deletedAt, `${name}.deleted`))
  return rows
}
