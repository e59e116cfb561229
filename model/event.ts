/**
 * Event: something that a platform or the middleware says has happened. Deliveries tell how far a change came on its
 * way from one platform to another; landscape events tell what happened to a platform itself. Evidence, never a value:
 * what a record holds is only ever taken from the record.
 */

/**
 * A change on its way: put on the way, confirmed by the receiver, refused by it, written there. A reporter need not
 * know all of them; what it does not report proves nothing.
 */
export const DELIVERY_EVENTS = ['sent', 'acknowledged', 'rejected', 'applied'] as const

/** What happened to a platform as a whole. */
export const LANDSCAPE_EVENTS = [
  'deployed',
  'mapping_changed',
  'key_rotated',
  'schema_changed',
  'outage_began',
  'outage_ended',
  'maintenance_began',
  'maintenance_ended',
] as const

export const EVENT_TYPES = [...DELIVERY_EVENTS, ...LANDSCAPE_EVENTS] as const
export type EventType = (typeof EVENT_TYPES)[number]

/** One recorded event. Public contract, version 1: `POST /v1/events`, the `events` file, `export events`. */
export interface RecordedEvent {
  /** The reporter's own id, or a hash of everything below: the same event told twice is one. */
  id: string
  /** When it happened (ISO, UTC), by the reporter's clock. */
  at: string
  type: EventType
  /** Configured platform (often the middleware) that says so. */
  reported_by: string
  /** Deliveries: where the change comes from and where it goes. Landscape events: `to_platform` is the one they are about. */
  from_platform: string | null
  to_platform: string | null
  /** Canonical kind of the record. */
  kind: string | null
  /** Id of the record on either of the two platforms. */
  record_id: string | null
  /** Business number, where ids are not known. */
  number: string | null
  /** One change end to end: its deliveries carry the same. */
  correlation_id: string | null
  trace_id: string | null
  /** What the receiver answered, or a note for people. */
  message: string | null
  /** Who deployed, rotated, sent. */
  actor: string | null
  release: string | null
  /** `fields`: names of the canonical fields that travelled; `values`: the same with their values. Anything else is kept. */
  detail: Record<string, unknown>
}

export const isDelivery = (type: EventType): boolean => (DELIVERY_EVENTS as readonly string[]).includes(type)

/** Longest text of a part of an event, in characters. */
const TEXT_MAX = 500
const DETAIL_MAX = 20_000

const TEXTS = [
  'id',
  'reported_by',
  'from_platform',
  'to_platform',
  'kind',
  'record_id',
  'number',
  'correlation_id',
  'trace_id',
  'message',
  'actor',
  'release',
] as const
export const EVENT_FIELDS = ['id', 'at', 'type', ...TEXTS.slice(1), 'detail'] as const

/** What is known of the world that an event speaks of. */
export interface EventWorld {
  platforms: readonly string[]
  kinds: readonly string[]
  /** Reporter of events that name none: the platform whose file it is, or null. */
  reporter: string | null
  now: number
}

/** A clock may run ahead of ours; an event from tomorrow is a mistake. */
const AHEAD_MAX_MS = 24 * 3_600_000

/** Reads one event as it was written; or says in one sentence, naming the field, why it cannot be one. `id` may still be empty. */
export function readEvent(written: unknown, world: EventWorld): RecordedEvent | { wrong: string } {
  if (typeof written !== 'object' || written === null || Array.isArray(written))
    return { wrong: 'an event is an object' }
  const row = written as Record<string, unknown>
  const unknown = Object.keys(row).find((key) => !(EVENT_FIELDS as readonly string[]).includes(key))
  if (unknown !== undefined)
    return { wrong: `${unknown.slice(0, 60)}: no event has that; further things go under detail` }
  const texts: Partial<Record<(typeof TEXTS)[number], string | null>> = {}
  for (const name of TEXTS) {
    const text = textOf(row[name])
    if (text === undefined) return { wrong: `${name}: not a text of at most ${TEXT_MAX} characters` }
    texts[name] = text
  }
  const type = EVENT_TYPES.find((t) => t === row['type'])
  if (!type) return { wrong: `type: one of ${EVENT_TYPES.join(', ')}` }
  const at = instantOf(row['at'])
  if (at === null) return { wrong: 'at: an instant with its offset, like 2026-11-20T06:00:00Z' }
  if (at > world.now + AHEAD_MAX_MS) return { wrong: 'at: lies more than a day ahead' }
  const detail = detailOf(row['detail'])
  if (detail === null) return { wrong: `detail: an object of at most ${DETAIL_MAX} characters` }
  const event = { ...texts, at: new Date(at).toISOString(), type, detail } as RecordedEvent
  event.id ??= ''
  event.reported_by ??= world.reporter ?? ''
  return wrongIn(event, world) ?? event
}

function wrongIn(event: RecordedEvent, world: EventWorld): { wrong: string } | null {
  if (event.reported_by === '') return { wrong: 'reported_by: is missing' }
  for (const name of ['reported_by', 'from_platform', 'to_platform'] as const) {
    const platform = event[name]
    if (platform !== null && !world.platforms.includes(platform))
      return { wrong: `${name}: there is no platform ${platform}; there are ${world.platforms.join(', ')}` }
  }
  if (event.kind !== null && !world.kinds.includes(event.kind)) return { wrong: `kind: there is no kind ${event.kind}` }
  if (!isDelivery(event.type)) {
    if (event.to_platform === null) event.to_platform = event.reported_by
    return null
  }
  if (event.to_platform === null) return { wrong: 'to_platform: a delivery goes somewhere' }
  if (event.kind === null) return { wrong: 'kind: a delivery is of a record' }
  if (event.record_id === null && event.number === null && event.correlation_id === null)
    return { wrong: 'record_id: name the record by record_id, number or correlation_id' }
  return null
}

/** Undefined: it is no text. */
function textOf(value: unknown): string | null | undefined {
  if (value === undefined || value === null || value === '') return null
  const text = typeof value === 'number' || typeof value === 'bigint' ? String(value) : value
  return typeof text === 'string' && text.length <= TEXT_MAX ? text.trim() || null : undefined
}

function instantOf(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) && Math.abs(value) < 8.64e15 ? value : null
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d[T ].*(?:Z|[+-]\d\d:?\d\d)$/.test(value.trim())) return null
  const at = Date.parse(value.trim().replace(' ', 'T'))
  return Number.isNaN(at) ? null : at
}

function detailOf(value: unknown): Record<string, unknown> | null {
  let detail = value
  if (detail === undefined || detail === null || detail === '') return {}
  if (typeof detail === 'string') {
    try {
      detail = JSON.parse(detail)
    } catch {
      return null
    }
  }
  if (typeof detail !== 'object' || detail === null || Array.isArray(detail)) return null
  return JSON.stringify(detail).length <= DETAIL_MAX ? (detail as Record<string, unknown>) : null
}

/** Fields that a delivery carried; null: it does not say, so it may have carried any. */
export function fieldsOf(event: Pick<RecordedEvent, 'detail'>): readonly string[] | null {
  const { fields, values } = event.detail
  if (Array.isArray(fields)) return fields.filter((f) => typeof f === 'string')
  return typeof values === 'object' && values !== null ? Object.keys(values) : null
}

/** The value that a delivery carried for a field, as it was sent; undefined: it does not say. */
export function valueOf(event: Pick<RecordedEvent, 'detail'>, field: string): string | null | undefined {
  const { values } = event.detail
  if (typeof values !== 'object' || values === null || !Object.hasOwn(values, field)) return undefined
  const value = (values as Record<string, unknown>)[field]
  return value === null || typeof value === 'string' ? value : String(value)
}
