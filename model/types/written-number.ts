/**
 * A number as people and platforms write it: `1.234,56`, `1,234.56`, `1'234.50`, `(12)`, `12-`, `€ 5`, `1.5E3`.
 *
 * Of two different separators the last is the decimal one. A separator that occurs more than once groups
 * thousands. A single dot is the decimal point. A single comma groups thousands if exactly three digits follow
 * (`1,234`), else it is the decimal comma (`1,5`, `0,125`). Groups that are no groups make it unreadable.
 */
import { format, parse } from '../decimal.ts'

export interface WrittenNumber {
  /** Canonical decimal text. */
  amount: string
  /** What stood beside the digits: a currency's symbol or code. */
  unit: string | null
}

const PLAIN = /^-?\d+(?:\.\d+)?$/
const EXPONENT = /^[+-]?\d+(?:\.\d+)?e[+-]?\d{1,2}$/i
const UNIT_BEFORE = /^(\p{L}[\p{L}.]*\p{Sc}?|\p{Sc})\s*(?=[-+(\d.,])/u
const UNIT_AFTER = /(?<=[\d.,)-])\s*(\p{L}[\p{L}.]*\p{Sc}?|\p{Sc})$/u
const NO_CENTS = /[.,](?:--?|[–—])$/
const LENGTH_MAX = 80

/** Null: this is no number, or it could be two. */
export function readNumber(text: string): WrittenNumber | null {
  if (text.length > LENGTH_MAX) return null
  if (PLAIN.test(text)) return { amount: format(text), unit: null }
  const stripped = strip(text.normalize('NFKC').replaceAll('\u2212', '-').trim())
  if (!stripped) return null
  const digits = EXPONENT.test(stripped.rest) ? expand(stripped.rest) : ungroup(stripped.rest)
  if (digits === null || !parse(digits)) return null
  const amount = format(digits)
  return { amount: stripped.negative && amount !== '0' ? `-${amount}` : amount, unit: stripped.unit }
}

/** Takes one sign and one unit off, in whatever order they stand. */
function strip(text: string): { rest: string; negative: boolean; unit: string | null } | null {
  let rest = text.replace(NO_CENTS, '')
  let signs = 0
  let negative = false
  let unit: string | null = null
  for (let turn = 0; turn < 4; turn++) {
    const found = UNIT_BEFORE.exec(rest) ?? (EXPONENT.test(rest) ? null : UNIT_AFTER.exec(rest))
    if (found) {
      if (unit !== null) return null
      unit = found[1]!
      rest = (found.index === 0 ? rest.slice(found[0].length) : rest.slice(0, found.index)).trim()
    } else if (/^\(.*\)$/.test(rest)) {
      rest = rest.slice(1, -1).trim()
      negative = true
      signs++
    } else if (/^[+-]/.test(rest) && !EXPONENT.test(rest)) {
      negative ||= rest.startsWith('-')
      rest = rest.slice(1).trim()
      signs++
    } else if (rest.endsWith('-')) {
      negative = true
      rest = rest.slice(0, -1).trim()
      signs++
    } else break
  }
  return signs > 1 ? null : { rest, negative, unit }
}

/** Digits with separators → plain decimal text, or null. */
function ungroup(text: string): string | null {
  if (/^\d+(?:\.\d+)?$/.test(text)) return text
  if (/^\.\d+$/.test(text)) return `0${text}`
  if (/^\d+\.$/.test(text)) return text.slice(0, -1)
  // Apostrophes and spaces only ever group; what is left can then only be a decimal separator.
  const spaced = /^(\d{1,3}(?:(['’\s])\d{3})(?:\2\d{3})*)(?:[.,](\d+))?$/.exec(text)
  if (spaced) return join(spaced[1]!, spaced[3])
  if (!/^[\d.,]+$/.test(text)) return null
  const comma = text.lastIndexOf(',')
  const dot = text.lastIndexOf('.')
  if (comma >= 0 && dot >= 0) {
    const at = Math.max(comma, dot)
    const whole = text.slice(0, at)
    return grouped(whole, comma > dot ? '.' : ',') ? join(whole, text.slice(at + 1)) : null
  }
  const separator = comma >= 0 ? ',' : '.'
  if (text.indexOf(separator) !== text.lastIndexOf(separator)) return grouped(text, separator) ? join(text, '') : null
  if (/^[1-9]\d{0,2},\d{3}$/.test(text)) return text.replace(',', '')
  return /^\d*,\d+$/.test(text) ? `${text.slice(0, comma) || '0'}.${text.slice(comma + 1)}` : null
}

/** Groups of three, or with commas the Indian way: 12,34,567. */
function grouped(text: string, separator: ',' | '.'): boolean {
  return separator === ','
    ? /^\d{1,3}(?:,\d{2,3})*,\d{3}$/.test(text) && /^\d{1,3}(?:,\d{3})+$|^\d{1,2}(?:,\d{2})*,\d{3}$/.test(text)
    : /^\d{1,3}(?:\.\d{3})+$/.test(text)
}

function join(whole: string, fraction: string | undefined): string | null {
  const digits = whole.replace(/\D/g, '')
  if (fraction === undefined || fraction === '') return digits
  return /^\d+$/.test(fraction) ? `${digits}.${fraction}` : null
}

/** `1.5E3` → `1500`, by moving the point. */
function expand(text: string): string | null {
  const [mantissa, exponent] = text.toLowerCase().split('e') as [string, string]
  const parsed = parse(mantissa)
  if (!parsed) return null
  const scale = parsed.scale - Number(exponent)
  return format(scale >= 0 ? { units: parsed.units, scale } : { units: parsed.units * 10n ** BigInt(-scale), scale: 0 })
}
