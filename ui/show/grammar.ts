/** The search box: what may be written, what would complete the word at the cursor, and editing one term of a query. */
import { keysOf, tokensOf, type Vocabulary } from '../../model/query.ts'

/** Facet of the API → key of the grammar. */
export const FACET_KEYS = {
  severity: 'sev',
  state: 'state',
  platform: 'platform',
  owner: 'owner',
  field: 'field',
  kind: 'kind',
  check: 'check',
  category: 'category',
  cause: 'cause',
  team: 'team',
} as const

export interface Completion {
  text: string
  /** The whole query with the completion taken. */
  query: string
}

/** What the word before the cursor could become. Values come from the facets that are shown. */
export function completionsOf(
  query: string,
  cursor: number,
  vocabulary: Vocabulary,
  values: Record<string, readonly string[]> = {},
): Completion[] {
  const before = query.slice(0, cursor)
  const word = /\S*$/.exec(before)![0]
  const minus = word.startsWith('-') ? '-' : ''
  const bare = word.slice(minus.length)
  const colon = bare.indexOf(':')
  const head = before.slice(0, before.length - word.length)
  const tail = query.slice(cursor)
  const take = (text: string, closed: boolean): Completion => ({
    text,
    query: `${head}${text}${closed && !tail.startsWith(' ') ? ' ' : ''}${tail}`,
  })
  if (colon === -1) {
    if (bare === '') return []
    return keysOf(vocabulary)
      .filter((k) => k.startsWith(bare.toLowerCase()))
      .map((k) => take(`${minus}${k}:`, false))
  }
  const key = bare.slice(0, colon)
  const typed = bare.slice(colon + 1).toLowerCase()
  const known = knownOf(key, vocabulary, values)
  return known
    .filter((v) => v.toLowerCase().startsWith(typed) && v.toLowerCase() !== typed)
    .slice(0, 10)
    .map((v) => take(`${minus}${key}:${/\s/.test(v) ? `"${v}"` : v}`, true))
}

/** What may stand after a key: the closed set, what the list holds now, or examples of a bound. */
function knownOf(key: string, v: Vocabulary, values: Record<string, readonly string[]>): readonly string[] {
  if (key === 'is') return v.is
  if (key in v.numbers)
    return key === 'money' ? ['>1000', '>10000', '<100', '1000..10000'] : ['>0', '>10', '<2', '2..10']
  if (key in v.spans) return ['>1d', '>7d', '>30d', '<1d', '1d..7d']
  const means = v.keys[key] ?? ''
  return v.values[means] ?? values[key] ?? values[means] ?? []
}

const written = (key: string, value: string) => `${key}:${/\s/.test(value) ? `"${value}"` : value}`

/** Values of a key that a query asks for. */
export function valuesOf(query: string, key: string): string[] {
  return tokensOf(query).flatMap((t) =>
    t.startsWith(`${key}:`)
      ? t
          .slice(key.length + 1)
          .replaceAll('"', '')
          .split(',')
      : [],
  )
}

/** Adds or takes away one value of a key; values of one key are alternatives. */
export function toggled(query: string, key: string, value: string): string {
  const present = valuesOf(query, key)
  const wanted = present.includes(value) ? present.filter((v) => v !== value) : [...present, value]
  const rest = tokensOf(query).filter((t) => !t.startsWith(`${key}:`))
  return [...rest, ...(wanted.length ? [written(key, wanted.join(','))] : [])].join(' ')
}

export function without(query: string, token: string): string {
  return tokensOf(query)
    .filter((t) => t !== token)
    .join(' ')
}

/** The token that an error message of the server names in quotes, or null. */
export function culprit(query: string, message: string): string | null {
  const named = /"([^"]+)"/.exec(message)?.[1]
  if (!named) return null
  return (
    tokensOf(query).find((t) => t === named || t.replace(/^-/, '').toLowerCase().startsWith(named.toLowerCase())) ??
    null
  )
}
