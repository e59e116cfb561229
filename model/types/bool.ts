/** Yes or no. Canonical: `true`, `false`. */
import { invalid, unmapped, value, written, type Read } from '../reading.ts'

const WORDS = new Map([
  ...['true', '1', 'yes', 'y', 't', 'on'].map((word) => [word, 'true'] as const),
  ...['false', '0', 'no', 'n', 'f', 'off'].map((word) => [word, 'false'] as const),
])

export const readBool: Read = (raw, ctx) => {
  const text = written(raw)
  if (typeof text !== 'string') return text
  const word = text.trim()
  const entry = ctx.map?.(word)
  const known = WORDS.get((entry ?? word).trim().toLowerCase())
  if (known) return value(known, text)
  return ctx.map
    ? unmapped(text)
    : invalid('Write true or false, yes or no, 1 or 0, or give the field a reference map.', text)
}
