/**
 * The query language of every list: `key:value`, `-key:value`, `key:a,b`, `money:>1000`, `money:100..500`, `age:>7d`,
 * `"quoted words"` and free words. A list says with its vocabulary which keys it knows; the language is the same everywhere.
 */

/** What a list can be asked for. */
export interface Vocabulary {
  /** What people type → the key that it means. */
  keys: Readonly<Record<string, string>>
  /** Keys whose values are a closed set. */
  values: Readonly<Record<string, readonly string[]>>
  /** Keys that are compared as numbers, and what the number is. */
  numbers: Readonly<Record<string, string>>
  /** Keys that are compared as spans of time: `7d`, `12h`. */
  spans: Readonly<Record<string, string>>
  /** Words after `is:`. */
  is: readonly string[]
}

/** How a number or span is compared. Bounds of a range belong to it. */
export type Bound = { op: '>' | '<'; than: string } | { op: '..'; from: string; to: string }

export type Part =
  | { in: 'is'; word: string; not: boolean }
  | { in: 'value'; key: string; values: string[]; not: boolean }
  | { in: 'number' | 'span'; key: string; bound: Bound; not: boolean }
  | { in: 'words'; words: string[] }

/** A part that is not understood: what it was, and what could have been meant. */
export interface Misread {
  shown: string
  word: string
  known: readonly string[]
  /** How it is written, where the key is right and its value is not. */
  write?: string
}

export function tokensOf(query: string): string[] {
  return query.match(/-?[\w-]+:"[^"]*"|-?[\w-]+:\S+|"[^"]*"|\S+/g) ?? []
}

const unquote = (text: string) => text.replace(/^"|"$/g, '')
const NUMBER = String.raw`\d{1,30}(?:\.\d{1,9})?`
const SPAN = String.raw`\d{1,6}[smhd]`

/** Every word that may stand before a colon. */
export const keysOf = (v: Vocabulary): string[] => [
  'is',
  ...Object.keys(v.keys),
  ...Object.keys(v.numbers),
  ...Object.keys(v.spans),
]

/** Reads a query; the first part that is not understood is told instead. */
export function readQuery(query: string, vocabulary: Vocabulary): { parts: Part[] } | { misread: Misread } {
  const parts: Part[] = []
  const words: string[] = []
  for (const token of tokensOf(query)) {
    const match = /^(-?)([a-z_-]+):(.+)$/i.exec(token)
    if (!match) {
      words.push(unquote(token))
      continue
    }
    const [, minus, rawKey = '', rawValue = ''] = match
    const key = rawKey.toLowerCase()
    const not = minus === '-'
    const read = partOf(key, unquote(rawValue), not, vocabulary)
    if (!read) return { misread: { shown: `${rawKey}:`, word: key, known: keysOf(vocabulary) } }
    if ('shown' in read) return { misread: read }
    parts.push(...read)
  }
  if (words.length) parts.push({ in: 'words', words })
  return { parts }
}

function partOf(key: string, value: string, not: boolean, v: Vocabulary): Part[] | Misread | null {
  const values = value.split(',').filter(Boolean)
  if (key === 'is') {
    const strange = values.find((w) => !v.is.includes(w.toLowerCase()))
    if (strange !== undefined) return { shown: `is:${strange}`, word: strange, known: v.is }
    return values.map((word) => ({ in: 'is', word: word.toLowerCase(), not }))
  }
  const number = v.numbers[key]
  if (number !== undefined) {
    const bound = boundOf(value, NUMBER)
    if (bound) return [{ in: 'number', key, bound, not }]
    return misread(key, value, `Write ${key}:>1000, ${key}:<500 or ${key}:100..500: ${number}.`)
  }
  const span = v.spans[key]
  if (span !== undefined) {
    const bound = boundOf(value, SPAN)
    if (bound) return [{ in: 'span', key, bound, not }]
    return misread(key, value, `Write ${key}:>7d, ${key}:<12h or ${key}:1d..7d: ${span}.`)
  }
  const means = v.keys[key]
  if (means === undefined) return null
  const closed = v.values[means]
  const strange = closed && values.find((w) => !closed.includes(w.toLowerCase()))
  if (strange !== undefined) return { shown: `${key}:${strange}`, word: strange, known: closed! }
  return [{ in: 'value', key: means, values: closed ? values.map((w) => w.toLowerCase()) : values, not }]
}

const misread = (key: string, value: string, write: string): Misread => ({
  shown: `${key}:${value}`,
  word: value,
  known: [],
  write,
})

function boundOf(value: string, amount: string): Bound | null {
  const open = new RegExp(`^([<>])(${amount})$`).exec(value)
  if (open) return { op: open[1] as '>' | '<', than: open[2]! }
  const range = new RegExp(`^(${amount})\\.\\.(${amount})$`).exec(value)
  return range && { op: '..', from: range[1]!, to: range[2]! }
}
