/** Masking: what never leaves. Values of masked fields are not written at all; text that looks like one is taken out. Pure. */
import { like } from './match.ts'

/** Patterns are `kind.field`, with `*` for any. */
export function isMasked(patterns: readonly string[], kind: string, field: string | null): boolean {
  return field !== null && patterns.some((p) => like(p, `${kind}.${field}`))
}

const MAIL = /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}.-]+\.\p{L}{2,}/gu
const PHONE = /(?:\+|\b00)\d[\d ()/.-]{6,}\d/gu
const TAX =
  /\b(?:AT U\d{8}|ATU\d{8}|(?:BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK|XI|GB)[0-9A-Z]{8,12}|CHE-?\d{3}\.?\d{3}\.?\d{3})\b/gu

/** Names and titles may hold what a masked field would: a customer who is called by a mail address. */
export function scrubbed(text: string, patterns: readonly string[], hidden: string): string {
  const masks = (field: string) => patterns.some((p) => like(p, `customer.${field}`) || like(p, `contact.${field}`))
  let out = text
  if (masks('email')) out = out.replace(MAIL, `[${hidden}]`)
  if (masks('phone')) out = out.replace(PHONE, `[${hidden}]`)
  if (masks('tax_id')) out = out.replace(TAX, (found) => (/\d/.test(found) ? `[${hidden}]` : found))
  return out
}
