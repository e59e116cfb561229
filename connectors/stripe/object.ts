/** Stripe objects: reading their parts without guessing, and what belongs to every record whatever its kind. */
import type { MapContext, RawRow } from '../contract.ts'
import { MappingError } from '../contract.ts'
import type { RawRecord } from '../../model/record.ts'
import type { StripeConfig } from './config.ts'

export type StripeObject = Record<string, unknown>
export type Fields = Record<string, unknown>

/**
 * How a row was come by: Stripe keeps no time of change on its objects, events do. Travels beside the object
 * under a key that no Stripe object has, so that configured mappings still find the object's own paths.
 */
export interface Sighting {
  /** Unix seconds of the newest change known; null: unknown. */
  changed: number | null
  /** Idempotency key or request id of the call that made the change. */
  request?: string | null
  /** Parent of a line. */
  document?: StripeObject
  /** Invoice of a payment, where it had to be asked for. */
  invoice?: string | null
}
const SIGHTING = '_sighting'

export function withSighting(object: StripeObject, sighting: Sighting): StripeObject {
  return { ...object, [SIGHTING]: sighting }
}

export function sightingOf(object: StripeObject): Sighting {
  return (object[SIGHTING] as Sighting | undefined) ?? { changed: null }
}

export function asObject(value: unknown): StripeObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as StripeObject) : null
}

export function listOf(value: unknown): StripeObject[] {
  const rows = Array.isArray(value) ? value : asObject(value)?.['data']
  return Array.isArray(rows) ? rows.filter((r): r is StripeObject => asObject(r) !== null) : []
}

/** A reference is an id, or the whole object where it was expanded. */
export function idOf(value: unknown): string | null {
  if (typeof value === 'string' && value !== '') return value
  const id = asObject(value)?.['id']
  return typeof id === 'string' && id !== '' ? id : null
}

export function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value === '' ? null : value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null
}

/** @throws MappingError if there is something else than whole seconds. */
export function secondsOf(value: unknown, field: string): number | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value < 253_402_300_800) return value
  throw new MappingError(field, `${field} is no time in Unix seconds`)
}

/** Unix seconds as ISO text without milliseconds: Stripe's stamps have none, and their resolution is kept. */
export function instant(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`
}

const calendars = new Map<string, Intl.DateTimeFormat>()

/** The calendar day of an instant where the account's books are kept. */
export function dayIn(timezone: string, seconds: number): string {
  if (timezone === 'UTC') return instant(seconds).slice(0, 10)
  let calendar = calendars.get(timezone)
  if (!calendar) {
    // Swedish writes days as ISO does.
    calendar = new Intl.DateTimeFormat('sv-SE', {
      timeZone: timezone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    })
    calendars.set(timezone, calendar)
  }
  return calendar.format(seconds * 1000)
}

/** A period's end is the first instant after it; people mean the day before. */
export function lastDayIn(timezone: string, start: number | null, end: number): string {
  return dayIn(timezone, start !== null && start >= end ? end : end - 1)
}

/**
 * What `map` of every stream begins with. @throws MappingError for an object of another kind or mode:
 * it would otherwise become an empty record.
 */
export function opened(row: RawRow, types: readonly string[], config: StripeConfig): StripeObject & { id: string } {
  const object = asObject(row.value)
  if (!object) throw new MappingError('object', 'the row is no object')
  if (!types.includes(String(object['object']))) {
    const found = textOf(object['object'])?.slice(0, 40) ?? 'nothing'
    throw new MappingError('object', `expected ${types.join(' or ')}, found ${found}`)
  }
  const id = object['id']
  if (typeof id !== 'string' || id === '') throw new MappingError('id', 'the object has no id')
  if (typeof object['livemode'] === 'boolean' && object['livemode'] !== (config.mode === 'live')) {
    throw new MappingError(
      'livemode',
      `the object belongs to ${object['livemode'] ? 'live' : 'test'} mode, the platform is configured for ${config.mode} mode`,
    )
  }
  return object as StripeObject & { id: string }
}

/** The record around a kind's own fields: stamps, references to other platforms, metadata that the configuration maps. */
export function record(
  object: StripeObject & { id: string },
  kind: string,
  fields: Fields,
  ctx: MapContext<StripeConfig>,
  status?: string | null,
): RawRecord {
  const { config } = ctx
  const metadata = asObject(object['metadata']) ?? {}
  const refs: Record<string, string | null> = {}
  for (const [platform, key] of Object.entries(config.refs)) refs[platform] = textOf(own(metadata, key))
  const custom: Record<string, unknown> = {}
  for (const [name, key] of Object.entries(config.custom)) custom[name] = textOf(own(metadata, key))
  for (const [field, key] of object['deleted'] === true ? [] : mapped(kind, config)) {
    const value = textOf(own(metadata, key))
    // `state` comes from the status word: an unset key must not empty it.
    if (value !== null || field !== 'state') fields[field] = value
  }
  const sighting = sightingOf(object)
  const created = secondsOf(object['created'], 'created')
  const changed = sighting.changed ?? secondsOf(object['updated'], 'updated')
  return {
    record_id: object.id,
    ...(status !== undefined && { status }),
    refs,
    created_at: created === null ? null : instant(created),
    changed_at: changed === null ? null : instant(changed),
    ...(object['deleted'] === true && { deleted: true }),
    ...(sighting.request && { correlation_id: sighting.request }),
    fields,
    custom,
  }
}

/** Fields of a kind that the configuration takes from metadata. */
export function mapped(kind: string, config: StripeConfig): [field: string, key: string][] {
  const prefix = `${kind}.`
  return Object.entries(config.fields).flatMap(([name, key]) =>
    name.startsWith(prefix) ? [[name.slice(prefix.length), key] as [string, string]] : [],
  )
}

function own(object: StripeObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined
}
