/** Values as S/4HANA writes them in JSON: `/Date(ms)/` and `PT15H51M04S` in OData V2, ISO in V4; nothing is null or an empty text. */
import type { Entity } from '../odata.ts'
import { asEntity } from '../odata.ts'

/** A property of the entity, or of what it was expanded by (`to_Customer/VATRegistration`): of several the first. */
export function valueAt(entity: Entity, path: string): unknown {
  const [first, inner] = path.split('/') as [string, string | undefined]
  const value = entity[first]
  if (inner === undefined) return value
  const held = expanded(value)
  return held === undefined ? undefined : held === null ? null : held[inner]
}

/** Undefined: it was not expanded. */
export function expanded(value: unknown): Entity | null | undefined {
  if (value === undefined) return undefined
  const rows = Array.isArray(value) ? (value as unknown[]) : asEntity(value)?.['results']
  if (Array.isArray(rows)) return asEntity(rows[0])
  const one = asEntity(value)
  return one?.['__deferred'] === undefined ? one : undefined
}

const DATE = /^\/Date\((-?\d+)(?:[+-]\d{4})?\)\/$/

export function textOf(value: unknown): string | null {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value !== 'string') return null
  const text = value.trim()
  if (text === '' || text === '00000000') return null
  const ms = DATE.exec(text)?.[1]
  if (ms === undefined) return text
  // A day is midnight in no zone at all.
  const iso = new Date(Number(ms)).toISOString()
  return Number(ms) % 86_400_000 === 0 ? iso.slice(0, 10) : iso
}

/** Epoch ms of a stamp of either version; null for none and for what is none. */
export function stampMs(value: unknown): number | null {
  if (typeof value !== 'string') return null
  const ms = DATE.exec(value.trim())?.[1]
  const read = ms !== undefined ? Number(ms) : /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : Number.NaN
  return Number.isFinite(read) ? read : null
}

/** A day and a time of day in the system’s own zone, without one. */
export function localStamp(date: unknown, time: unknown): string | null {
  const ms = stampMs(date) ?? (typeof date === 'string' && /^\d{4}-\d\d-\d\d$/.test(date) ? Date.parse(date) : null)
  if (ms === null) return null
  const [, h = '0', m = '0', s = '0'] = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?$/.exec(String(time ?? '')) ?? []
  const clock = [h, m, s].map((part) => part.padStart(2, '0')).join(':')
  return `${new Date(ms).toISOString().slice(0, 10)}T${clock}`
}
