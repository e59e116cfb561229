/** `$filter` of a simulated OData service: comparisons with `and`, `or` and brackets, literals of version 2 and 4. */

export class BadFilter extends Error {}

type Value = string | number | null
/** The value of a property as it is on the wire; undefined: there is no such property. */
export type Lookup = (property: string) => unknown

const TOKEN = /\s*(\(|\)|[\w.]*'(?:[^']|'')*'|[^\s()]+)/y

/** @throws BadFilter for what the service would answer with 400 */
export function odataFilter(text: string): (look: Lookup) => boolean {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  for (let match = TOKEN.exec(text); match; match = TOKEN.exec(text)) tokens.push(match[1]!)
  let at = 0
  const any = (): ((look: Lookup) => boolean) => {
    const parts = [all()]
    while (tokens[at] === 'or') parts.push((at++, all()))
    return parts.length === 1 ? parts[0]! : (look) => parts.some((part) => part(look))
  }
  const all = (): ((look: Lookup) => boolean) => {
    const parts = [one()]
    while (tokens[at] === 'and') parts.push((at++, one()))
    return parts.length === 1 ? parts[0]! : (look) => parts.every((part) => part(look))
  }
  const one = (): ((look: Lookup) => boolean) => {
    if (tokens[at] === '(') {
      at++
      const inner = any()
      if (tokens[at++] !== ')') throw new BadFilter('A bracket is not closed.')
      return inner
    }
    const [property, operator, literal] = tokens.slice(at, at + 3)
    at += 3
    const holds = COMPARE[operator ?? '']
    if (property === undefined || literal === undefined || !holds) throw new BadFilter(`Cannot read ${text}.`)
    const wanted = literalOf(literal)
    return (look) => {
      const value = look(property)
      if (value === undefined) throw new BadFilter(`Property ${property} not found.`)
      return holds(comparable(value), wanted)
    }
  }
  const whole = any()
  if (at !== tokens.length) throw new BadFilter(`Cannot read ${text}.`)
  return whole
}

const COMPARE: Record<string, (a: Value, b: Value) => boolean> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  // Nothing is neither more nor less than anything.
  gt: (a, b) => a !== null && b !== null && a > b,
  ge: (a, b) => a !== null && b !== null && a >= b,
  lt: (a, b) => a !== null && b !== null && a < b,
  le: (a, b) => a !== null && b !== null && a <= b,
}

function literalOf(token: string): Value {
  const [, type, inside] = /^([\w.]*)'([\s\S]*)'$/.exec(token) ?? []
  if (inside === undefined)
    return comparable(token === 'null' ? null : /^-?\d+(\.\d+)?$/.test(token) ? Number(token) : token)
  const text = inside.replaceAll("''", "'")
  if (type === 'datetime' || type === 'datetimeoffset') return Date.parse(/Z$/.test(text) ? text : `${text}Z`)
  return text
}

/** Stamps compare as instants however they are written, truth values as words. */
function comparable(value: unknown): Value {
  if (value === null || typeof value === 'number') return value
  const text = String(typeof value === 'object' && 'text' in value ? value.text : value)
  const ms = /^\/Date\((-?\d+)/.exec(text)?.[1]
  if (ms !== undefined) return Number(ms)
  return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text) ? Date.parse(text) : text
}
