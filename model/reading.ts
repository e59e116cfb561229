/** A reading: what became of one value that a platform wrote. Every field type reads into this. */
import type { Field } from './fields.ts'

/** A value that cannot be read makes the field `invalid`, a code without an entry `unmapped`; the record is kept. */
export type Reading =
  | { is: 'value'; value: string; key?: string; raw?: string }
  | { is: 'empty' }
  | { is: 'unmapped'; value: string }
  | { is: 'invalid'; reason: string; raw: string }

/** The canonical value of a platform's code; null or undefined if the map has no entry for it. */
export type ReferenceMapLookup = (code: string) => string | null | undefined

/** What a type may know besides the value itself. */
export interface ReadContext {
  field: Pick<Field, 'name' | 'type' | 'of'>
  /** IANA zone of the platform, for stamps without an offset. */
  timezone: string
  /** ISO country of the record, where it has one: telephone numbers and tax ids are read by it. */
  country: string | null
  /** ISO currency of the record; null when it is not known, which makes its amounts unreadable. */
  currency: string | null
  /** The reference map that the configuration names for this field on this platform. */
  map: ReferenceMapLookup | null
}

export type Read = (raw: unknown, ctx: ReadContext) => Reading

/**
 * A record, or an amount on the way to one, that cannot be read at all. The collector puts the row into
 * quarantine under `field`, as it does for a connector's own mapping errors, whose name it shares.
 */
export class UnreadableRecord extends Error {
  readonly field: string
  constructor(field: string, reason: string) {
    super(reason)
    this.name = 'MappingError'
    this.field = field
  }
}

const EMPTY: Reading = { is: 'empty' }

export const empty = (): Reading => EMPTY

/** `value` is canonical; `raw` is kept as evidence where the platform wrote it otherwise. */
export function value(canonical: string, raw: string): Reading {
  return canonical === raw ? { is: 'value', value: canonical } : { is: 'value', value: canonical, raw }
}

/** For types that store what people wrote and compare by a key. Nothing left to compare: empty. */
export function keyed(text: string, key: string): Reading {
  return key === '' ? EMPTY : { is: 'value', value: text, key }
}

export function unmapped(code: string): Reading {
  return { is: 'unmapped', value: code }
}

/** The reason says what to write instead, without the value: values may be personal, reasons are shown to all. */
export function invalid(reason: string, raw: string): Reading {
  return { is: 'invalid', reason, raw }
}

/**
 * The text that a platform wrote, exactly, or the reading that ends the matter. Numbers count only while all
 * their digits are certain: a larger one has been rounded before we saw it.
 */
export function written(raw: unknown): string | Reading {
  switch (typeof raw) {
    case 'string':
      return raw.trim() === '' ? EMPTY : storable(raw)
    case 'number':
      return exactText(raw) ?? invalid('The number has lost digits on its way; deliver it as text.', String(raw))
    case 'bigint':
    case 'boolean':
      return String(raw)
    case 'undefined':
      return EMPTY
    default:
      if (raw === null) return EMPTY
      if (raw instanceof Date && !Number.isNaN(raw.getTime())) return raw.toISOString()
      return invalid('A list or an object stands where one value is expected.', glimpse(raw))
  }
}

/** Digits that a double surely carries. */
const DIGITS_MAX = 15

/** The exact text of a JavaScript number, or null where digits may have been lost. */
export function exactText(n: number): string | null {
  if (Number.isSafeInteger(n)) return String(n === 0 ? 0 : n)
  if (!Number.isFinite(n) || Number.isInteger(n)) return null
  const text = String(n)
  const digits = text.replace(/e.*$/, '').replace(/[-.]/g, '').replace(/^0+/, '')
  return digits.length <= DIGITS_MAX ? text : null
}

const LONE_SURROGATE = /\p{Cs}/gu

/**
 * UTF-8 cannot spell half a surrogate pair, and the store would refuse the whole batch: it is kept as its
 * escape (`\ud800`), which loses nothing.
 */
export function storable(text: string): string {
  LONE_SURROGATE.lastIndex = 0
  return LONE_SURROGATE.test(text)
    ? text.replace(LONE_SURROGATE, (half) => `\\u${half.charCodeAt(0).toString(16)}`)
    : text
}

const GLIMPSE_MAX = 500

function glimpse(raw: unknown): string {
  try {
    return storable((JSON.stringify(raw) ?? String(raw)).slice(0, GLIMPSE_MAX))
  } catch {
    return typeof raw
  }
}
