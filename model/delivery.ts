/** Delivery: one change on its way into one platform, put together from the events that were recorded of it. */
import { fieldsOf, valueOf, type RecordedEvent } from './event.ts'

export interface Delivery {
  from: string | null
  to: string
  /** When it was first heard of: sent, or the first word about it. Epoch ms, as all instants here. */
  startedAt: number
  sentAt: number | null
  acknowledgedAt: number | null
  rejectedAt: number | null
  appliedAt: number | null
  /** Fields that travelled; null: nobody says, so it may have been any. */
  fields: readonly string[] | null
  /** Fields that were written at the end; null: nobody says, so all that travelled. */
  written: readonly string[] | null
  /** What the receiver said last. */
  message: string | null
  correlation: string | null
  events: readonly RecordedEvent[]
}

/** How far it came. A refusal counts only if nothing better followed. */
export type Progress = 'sent' | 'acknowledged' | 'rejected' | 'applied'

const ORDER = ['sent', 'acknowledged', 'rejected', 'applied']

/** Deliveries into a platform, in the order in which they began; the order in which events were told does not matter. */
export function deliveriesInto(events: readonly RecordedEvent[], platform: string, kind: string): Delivery[] {
  const sorted = events
    .filter((e) => ORDER.includes(e.type) && e.to_platform === platform && (e.kind === null || e.kind === kind))
    .map((e) => ({ e, at: Date.parse(e.at) }))
    .sort((a, b) => a.at - b.at || ORDER.indexOf(a.e.type) - ORDER.indexOf(b.e.type) || (a.e.id < b.e.id ? -1 : 1))
  const found: Delivery[] = []
  for (const { e, at } of sorted) {
    const known = openFor(found, e)
    if (known) take(known, e, at)
    else found.push(begun(e, at))
  }
  return found
}

/** The delivery that an event speaks of: the one with its correlation id, else the latest one that can still go on. */
function openFor(found: readonly Delivery[], e: RecordedEvent): Delivery | undefined {
  if (e.correlation_id !== null) return found.findLast((d) => d.correlation === e.correlation_id && sameSource(d, e))
  if (e.type === 'sent') return undefined
  return found.findLast((d) => d.correlation === null && d.appliedAt === null && sameSource(d, e))
}

const sameSource = (d: Delivery, e: RecordedEvent) =>
  d.from === null || e.from_platform === null || d.from === e.from_platform

function begun(e: RecordedEvent, at: number): Delivery {
  const d: Delivery = {
    from: e.from_platform,
    to: e.to_platform!,
    startedAt: at,
    sentAt: null,
    acknowledgedAt: null,
    rejectedAt: null,
    appliedAt: null,
    fields: null,
    written: null,
    message: null,
    correlation: e.correlation_id,
    events: [],
  }
  take(d, e, at)
  return d
}

function take(d: Delivery, e: RecordedEvent, at: number): void {
  const fields = fieldsOf(e)
  if (e.type === 'sent') d.sentAt ??= at
  else if (e.type === 'acknowledged') d.acknowledgedAt ??= at
  else if (e.type === 'rejected') d.rejectedAt = at
  else {
    d.appliedAt = at
    d.written = fields
  }
  if (e.type !== 'applied' && fields) d.fields = fields
  d.message = e.message ?? d.message
  d.events = [...d.events, e]
}

/** May the delivery have carried this field? */
export function carries(d: Delivery, field: string): boolean {
  if (d.fields !== null) return d.fields.includes(field)
  // Only the writing is told of: what was written had travelled.
  return d.written === null || d.written.includes(field)
}

/** How far it came with this field; null: with the record as a whole. */
export function progress(d: Delivery, field: string | null): Progress {
  const written = d.appliedAt !== null && (field === null || d.written === null || d.written.includes(field))
  if (written && !(d.rejectedAt !== null && d.rejectedAt > d.appliedAt!)) return 'applied'
  if (d.rejectedAt !== null && (d.appliedAt === null || d.rejectedAt > d.appliedAt)) return 'rejected'
  return d.acknowledgedAt !== null || d.appliedAt !== null ? 'acknowledged' : 'sent'
}

/** The value that it carried for the field; undefined: nobody says. */
export function carriedValue(d: Delivery, field: string): string | null | undefined {
  for (const e of d.events) {
    const value = valueOf(e, field)
    if (value !== undefined) return value
  }
  return undefined
}
