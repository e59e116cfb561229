/** A telephone number. Stored as written; compared as E.164, with the extension if there is one. */
import { parsePhoneNumberFromString, type CountryCode, type PhoneNumber } from 'libphonenumber-js'
import { visible } from '../fold.ts'
import { remember } from '../memo.ts'
import { invalid, keyed, written, type Read } from '../reading.ts'

const NUMBERS_MAX = 50_000
const LENGTH_MAX = 100
const DIGITS_MIN = 3

export const readPhone: Read = (raw, ctx) => {
  const text = written(raw)
  if (typeof text !== 'string') return text
  const key = phoneKey(text, ctx.country)
  return key
    ? keyed(text, key)
    : invalid('This is not a telephone number; write it as +41 44 123 45 67.', text.slice(0, LENGTH_MAX))
}

/**
 * E.164, or the bare digits where neither the number nor the record says which country it is in: then
 * `samePhone` can still tell that it is the end of an international number. Null: no number at all.
 */
export function phoneKey(text: string, country: string | null): string | null {
  return text.length > LENGTH_MAX ? null : keys(`${country ?? ''}|${text}`)
}

const keys = remember(NUMBERS_MAX, (countryAndText): string | null => {
  const bar = countryAndText.indexOf('|')
  const country = countryAndText.slice(0, bar)
  const text = visible(countryAndText.slice(bar + 1)).trim()
  const number = parsed(text, country)
  if (number?.isValid()) return keyOf(number)
  let key = keyOnce(text, country)
  // A number that is none may still read as another one; a key must mean itself.
  for (let pass = 0; key !== null && pass < PASSES_MAX; pass++) {
    const again = keyOnce(key, country)
    if (again === key) return key
    key = again
  }
  return null
})

const PASSES_MAX = 3

function keyOnce(text: string, country: string): string | null {
  const known = e164(text, country)
  if (known) return known
  if (/[^\d\s()+./\-–]/.test(text.replace(/^\p{L}+[.:]?\s*/u, ''))) return null
  const digits = text.replace(/\D/g, '')
  if (digits.length < DIGITS_MIN) return null
  const plus = text.includes('+') ? `+${digits}` : digits
  return e164(plus.replace(/^00/, '+'), country) ?? plus
}

function parsed(text: string, country: string): PhoneNumber | undefined {
  return parsePhoneNumberFromString(text, (country || undefined) as CountryCode | undefined)
}

function keyOf(number: PhoneNumber): string {
  return number.ext ? `${number.number}x${number.ext}` : number.number
}

function e164(text: string, country: string): string | null {
  const number = parsed(text, country)
  return number?.isPossible() ? keyOf(number) : null
}

/** Shorter ends are the same by chance. */
const END_MIN = 6

/** Is one key the national form of the other? */
export function samePhone(a: string, b: string): boolean {
  if (a === b) return true
  const [international, national] = a.startsWith('+') ? [a, b] : [b, a]
  if (!international.startsWith('+') || national.startsWith('+')) return false
  const end = national.replace(/^0+/, '')
  return end.length >= END_MIN && international.endsWith(end)
}
