/** SOQL, as far as the simulated org understands it: one object, paths, comparisons, and, or, not, order, limit, COUNT(). */

export interface Query {
  /** Null: COUNT(). */
  select: string[] | null
  from: string
  where: Condition | null
  order: { path: string; descending: boolean }[]
  limit: number | null
  /** Every path that the query names, for the check that the object has them. */
  paths: string[]
}

/** Value of a path of one row. */
export type Get = (path: string) => unknown
export type Condition = (get: Get) => boolean

/** The query is not understood; the message is the org's. */
export class MalformedQuery extends Error {}

const TOKEN =
  /\s*(?:('(?:\\.|[^'\\])*')|(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d))|(\d{4}-\d\d-\d\d)|(-?\d+(?:\.\d+)?)|([A-Za-z][\w.]*)|(<=|>=|!=|<>|[=<>(),]))/y

interface Token {
  is: 'text' | 'instant' | 'date' | 'number' | 'word' | 'sign'
  text: string
}

function tokens(q: string): Token[] {
  const found: Token[] = []
  const kinds = ['text', 'instant', 'date', 'number', 'word', 'sign'] as const
  TOKEN.lastIndex = 0
  while (q.slice(TOKEN.lastIndex).trim() !== '') {
    const at = TOKEN.lastIndex
    const match = TOKEN.exec(q)
    if (!match) throw new MalformedQuery(`unexpected token: '${q.slice(at, at + 12).trim()}'`)
    const group = match.slice(1).findIndex((g) => g !== undefined)
    found.push({ is: kinds[group]!, text: match[group + 1]! })
  }
  return found
}

export function parseSoql(q: string): Query {
  const list = tokens(q)
  let at = 0
  const peek = () => list[at]
  const isWord = (word: string) => peek()?.is === 'word' && peek()!.text.toUpperCase() === word
  const take = (what: string): Token => {
    const token = list[at++]
    if (!token) throw new MalformedQuery(`unexpected end of query, expecting ${what}`)
    return token
  }
  const expect = (text: string) => {
    const token = take(text)
    if (token.text.toUpperCase() !== text)
      throw new MalformedQuery(`unexpected token: '${token.text}', expecting ${text}`)
  }
  const accept = (word: string) => isWord(word) && ++at > 0
  const acceptSign = (sign: string) => peek()?.is === 'sign' && peek()!.text === sign && ++at > 0
  const paths: string[] = []
  const path = () => {
    const token = take('a field')
    if (token.is !== 'word') throw new MalformedQuery(`unexpected token: '${token.text}'`)
    paths.push(token.text)
    return token.text
  }

  function or(): Condition {
    const parts = [and()]
    while (accept('OR')) parts.push(and())
    return parts.length === 1 ? parts[0]! : (get) => parts.some((part) => part(get))
  }
  function and(): Condition {
    const parts = [primary()]
    while (accept('AND')) parts.push(primary())
    return parts.length === 1 ? parts[0]! : (get) => parts.every((part) => part(get))
  }
  function primary(): Condition {
    if (accept('NOT')) {
      const inner = primary()
      return (get) => !inner(get)
    }
    if (acceptSign('(')) {
      const inner = or()
      expect(')')
      return inner
    }
    const field = path()
    if (accept('IN')) {
      expect('(')
      const values = [literal(take('a value'))]
      while (acceptSign(',')) values.push(literal(take('a value')))
      expect(')')
      return (get) => values.some((value) => compare(get(field), value) === 0)
    }
    const sign = take('an operator').text
    const value = literal(take('a value'))
    const test = TESTS[sign]
    if (!test) throw new MalformedQuery(`unexpected token: '${sign}'`)
    return (get) => test(get(field), value)
  }

  expect('SELECT')
  let select: string[] | null = []
  if (isWord('COUNT') && list[at + 1]?.text === '(' && list[at + 2]?.text === ')') {
    at += 3
    select = null
  } else {
    select.push(path())
    while (acceptSign(',')) select.push(path())
  }
  expect('FROM')
  const from = take('an object').text
  const where = accept('WHERE') ? or() : null
  const order: Query['order'] = []
  if (accept('ORDER')) {
    expect('BY')
    do {
      const by = path()
      const descending = accept('DESC')
      if (!descending) accept('ASC')
      order.push({ path: by, descending })
    } while (acceptSign(','))
  }
  const limit = accept('LIMIT') ? Number(take('a number').text) : null
  if (peek()) throw new MalformedQuery(`unexpected token: '${peek()!.text}'`)
  return { select, from, where, order, limit, paths }
}

type Value = string | number | boolean | null

function literal(token: Token): Value {
  if (token.is === 'text') return token.text.slice(1, -1).replace(/\\(.)/g, '$1')
  if (token.is === 'instant') return Date.parse(token.text)
  if (token.is === 'number') return Number(token.text)
  if (token.is === 'date') return token.text
  const word = token.text.toUpperCase()
  if (word === 'NULL') return null
  if (word === 'TRUE' || word === 'FALSE') return word === 'TRUE'
  throw new MalformedQuery(`unexpected token: '${token.text}'`)
}

const TESTS: Record<string, (a: unknown, b: Value) => boolean> = {
  '=': (a, b) => compare(a, b) === 0,
  '!=': (a, b) => compare(a, b) !== 0,
  '<>': (a, b) => compare(a, b) !== 0,
  '<': (a, b) => ordered(a, b) && compare(a, b) < 0,
  '>': (a, b) => ordered(a, b) && compare(a, b) > 0,
  '<=': (a, b) => ordered(a, b) && compare(a, b) <= 0,
  '>=': (a, b) => ordered(a, b) && compare(a, b) >= 0,
}

const ordered = (a: unknown, b: Value) => a !== null && a !== undefined && b !== null

/** Stamps compare as instants, everything else by its own order; nulls come first. */
export function compare(a: unknown, b: unknown): number {
  const [x, y] = [comparable(a, b), comparable(b, a)]
  if (x === y) return 0
  if (x === null) return -1
  if (y === null) return 1
  return x < y ? -1 : 1
}

function comparable(value: unknown, other: unknown): string | number | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'number') return value
  if (typeof value === 'string')
    return typeof other === 'number' ? Date.parse(value.replace(/([+-]\d\d)(\d\d)$/, '$1:$2')) : value
  return Number(String((value as { text?: unknown }).text ?? value))
}
