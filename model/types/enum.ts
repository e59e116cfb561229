/** A closed list of words in lower_snake, through the platform's reference map. */
import { bare } from '../fold.ts'
import { unmapped, value, written, type Read, type Reading, type ReferenceMapLookup } from '../reading.ts'

/** The map speaks first; then words that equal a value but for case, spaces and hyphens. */
export const readEnum: Read = (raw, ctx) => {
  const text = written(raw)
  if (typeof text !== 'string') return text
  const of = ctx.field.of ?? []
  const entry = ctx.map?.(text.trim())
  const canonical = entry == null ? asOneOf(text, of) : asOneOf(entry, of)
  return canonical ? value(canonical, text) : unmapped(text)
}

/** The value of the list that a word means without any map: `In Approval` is `in_approval`. */
export function asOneOf(word: string, of: readonly string[]): string | undefined {
  if (of.includes(word)) return word
  const snake = bare(word).replaceAll(' ', '_')
  return of.find((canonical) => canonical === snake)
}

/** A code of a text field for which a map is configured: what has no entry waits for one. */
export function translated(text: string, map: ReferenceMapLookup, fold: (text: string) => string): Reading {
  const entry = map(text.trim())
  if (entry == null || entry.trim() === '') return unmapped(text)
  return { is: 'value', value: entry, key: fold(entry), ...(entry !== text && { raw: text }) }
}
