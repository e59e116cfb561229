/** SuiteQL, as far as the simulated account understands it: joins, conditions, the functions that readers need, sums by group. */

import type { Line, Table, Value } from './cells.ts'
import { BadQuery, formatted, Moment, order, plain, shownText, total } from './cells.ts'

export type Scope = Record<string, Line | null>
type Eval = (scope: Scope) => Value
export interface Expr {
  eval: Eval
  aliases: Set<string>
  /** `alias.column`, where it is nothing else. */
  path?: { alias: string; column: string }
  literal?: string
  /** Makes one value out of a group. */
  over?: (scopes: Scope[]) => Value
  text: string
}
export interface Test {
  test: (scope: Scope) => boolean
  aliases: Set<string>
  /** `column = value`, which can be looked up. */
  equal?: { path: { alias: string; column: string }; other: Expr }
  /** `column in (…)`, likewise. */
  among?: { path: { alias: string; column: string }; values: Set<string> }
}

const TOKEN = /\s*(?:('(?:[^']|'')*')|(\d+(?:\.\d+)?)|([A-Za-z_][\w.]*)|(<=|>=|!=|<>|[=<>(),*]))/y

function tokens(q: string): string[] {
  const found: string[] = []
  TOKEN.lastIndex = 0
  while (q.slice(TOKEN.lastIndex).trim() !== '') {
    const at = TOKEN.lastIndex
    const match = TOKEN.exec(q)
    if (!match)
      throw new BadQuery(
        `Invalid search query. Detailed unprocessed description follows. Unexpected character near '${q.slice(at, at + 10).trim()}'.`,
      )
    found.push(match[1] ?? match[2] ?? match[3] ?? match[4]!)
  }
  return found
}

export interface Parsed {
  select: { expr: Expr; alias: string }[]
  base: { table: string; alias: string }
  joins: { table: string; alias: string; inner: boolean; on: Test[] }[]
  where: Test[]
  group: Expr[]
  order: Expr[]
}

export class Parser {
  readonly #list: string[]
  #at = 0
  /** Alias → table, for the check of column names; filled before expressions are read. */
  readonly #aliases = new Map<string, Table>()
  readonly #tables: (name: string) => Table | undefined

  constructor(q: string, tables: (name: string) => Table | undefined) {
    this.#list = tokens(q)
    this.#tables = tables
    this.#declare()
  }

  /** Tables come after the columns that name them, so they are looked for first. */
  #declare() {
    this.#list.forEach((word, i) => {
      if (!/^(FROM|JOIN)$/i.test(word)) return
      const [name, alias] = [this.#list[i + 1], this.#list[i + 2]]
      const table = name && this.#tables(name.toLowerCase())
      if (!table)
        throw new BadQuery(
          `Invalid search query. Detailed unprocessed description follows. Search error occurred: Record '${name}' was not found.`,
        )
      this.#aliases.set(alias!.toLowerCase(), table)
    })
  }

  #is(word: string) {
    return this.#list[this.#at]?.toUpperCase() === word
  }
  #accept(word: string) {
    return this.#is(word) && ++this.#at > 0
  }
  #take(what: string): string {
    const token = this.#list[this.#at++]
    if (token === undefined) throw new BadQuery(`Invalid search query. Expected ${what}.`)
    return token
  }
  #expect(word: string) {
    const token = this.#take(word)
    if (token.toUpperCase() !== word)
      throw new BadQuery(`Invalid search query. Expected ${word} instead of '${token}'.`)
  }
  #list_<T>(one: () => T): T[] {
    const all = [one()]
    while (this.#accept(',')) all.push(one())
    return all
  }

  query(): Parsed {
    this.#expect('SELECT')
    const select = this.#list_(() => {
      const expr = this.#expr()
      this.#expect('AS')
      return { expr, alias: this.#take('an alias').toLowerCase() }
    })
    this.#expect('FROM')
    const base = { table: this.#take('a table').toLowerCase(), alias: this.#take('an alias').toLowerCase() }
    const joins: Parsed['joins'] = []
    while (this.#is('LEFT') || this.#is('INNER')) {
      const inner = this.#take('a join').toUpperCase() === 'INNER'
      this.#expect('JOIN')
      const join = {
        table: this.#take('a table').toLowerCase(),
        alias: this.#take('an alias').toLowerCase(),
        inner,
        on: [] as Test[],
      }
      this.#expect('ON')
      join.on = this.#conjuncts()
      joins.push(join)
    }
    const where = this.#accept('WHERE') ? this.#conjuncts() : []
    const by = (word: string) => (this.#accept(word) ? (this.#expect('BY'), this.#list_(() => this.#expr())) : [])
    const group = by('GROUP')
    const order = by('ORDER')
    if (this.#at < this.#list.length) throw new BadQuery(`Invalid search query. Unexpected '${this.#list[this.#at]}'.`)
    return { select, base, joins, where, group, order }
  }

  #conjuncts(): Test[] {
    const all = [this.#primary()]
    while (this.#accept('AND')) all.push(this.#primary())
    if (!this.#is('OR')) return all
    const parts = [merge(all)]
    while (this.#accept('OR')) {
      const next = [this.#primary()]
      while (this.#accept('AND')) next.push(this.#primary())
      parts.push(merge(next))
    }
    return [{ test: (s) => parts.some((p) => p.test(s)), aliases: union(parts) }]
  }

  #primary(): Test {
    if (this.#accept('(')) {
      const inner = merge(this.#conjuncts())
      this.#expect(')')
      return inner
    }
    const left = this.#expr()
    if (this.#accept('IS')) {
      const not = this.#accept('NOT')
      this.#expect('NULL')
      return { test: (s) => (left.eval(s) === null) !== not, aliases: left.aliases }
    }
    if (this.#accept('IN')) {
      this.#expect('(')
      const values = new Set(this.#list_(() => String(plain(this.#expr().eval({})))))
      this.#expect(')')
      return {
        test: (s) => values.has(String(plain(left.eval(s)))),
        aliases: left.aliases,
        ...(left.path && { among: { path: left.path, values } }),
      }
    }
    const sign = this.#take('an operator')
    const right = this.#expr()
    const compareBy = SIGNS[sign]
    if (!compareBy) throw new BadQuery(`Invalid search query. Unexpected '${sign}'.`)
    const aliases = new Set([...left.aliases, ...right.aliases])
    const test = (s: Scope) => {
      const [a, b] = [plain(left.eval(s)), plain(right.eval(s))]
      return a !== null && b !== null && compareBy(order(a, b))
    }
    return { test, aliases, ...(sign === '=' && left.path && { equal: { path: left.path, other: right } }) }
  }

  #expr(): Expr {
    const token = this.#take('an expression')
    if (token.startsWith("'")) {
      const literal = token.slice(1, -1).replaceAll("''", "'")
      return { eval: () => literal, aliases: new Set(), literal, text: token }
    }
    if (/^\d/.test(token)) return { eval: () => token, aliases: new Set(), literal: token, text: token }
    if (this.#accept('(')) return this.#call(token.toUpperCase())
    const [alias, column] = token.toLowerCase().split('.') as [string, string | undefined]
    const table = this.#aliases.get(alias)
    if (!column || !table?.columns.has(column))
      throw new BadQuery(
        `Invalid search query. Detailed unprocessed description follows. Search error occurred: Unknown identifier '${column ?? alias}'. Available identifiers are: {…}`,
      )
    return {
      eval: (s) => s[alias]?.[column] ?? null,
      aliases: new Set([alias]),
      path: { alias, column },
      text: token.toLowerCase(),
    }
  }

  #call(name: string): Expr {
    if (name === 'COUNT') {
      this.#expect('*')
      this.#expect(')')
      return { eval: () => null, aliases: new Set(), over: (all) => String(all.length), text: 'count(*)' }
    }
    const args = this.#list_(() => this.#expr())
    this.#expect(')')
    const [first, second] = args as [Expr, Expr | undefined]
    const text = `${name}(${args.map((a) => a.text).join()})`
    const of = (work: Eval): Expr => ({ eval: work, aliases: first.aliases, text })
    switch (name) {
      case 'BUILTIN.DF':
        return of((s) => shownText(first.eval(s)))
      case 'LOWER':
        return of((s) => String(plain(first.eval(s)) ?? '').toLowerCase() || null)
      case 'TO_DATE':
        return of(
          (s) =>
            new Moment(
              String(plain(first.eval(s))).padEnd(19, '0000-01-01 00:00:00'.slice(String(plain(first.eval(s))).length)),
            ),
        )
      case 'TO_CHAR':
        return of((s) => formatted(first.eval(s), second?.literal))
      case 'SUM':
        return {
          eval: () => null,
          aliases: first.aliases,
          over: (all) => total(all.map((s) => plain(first.eval(s)))),
          text,
        }
      default:
        throw new BadQuery(`Invalid search query. Function '${name}' is not supported.`)
    }
  }
}

const union = (tests: readonly { aliases: Set<string> }[]) => new Set(tests.flatMap((t) => [...t.aliases]))
const merge = (tests: Test[]): Test =>
  tests.length === 1 ? tests[0]! : { test: (s) => tests.every((t) => t.test(s)), aliases: union(tests) }

const SIGNS: Record<string, (order: number) => boolean> = {
  '=': (o) => o === 0,
  '!=': (o) => o !== 0,
  '<>': (o) => o !== 0,
  '<': (o) => o < 0,
  '>': (o) => o > 0,
  '<=': (o) => o <= 0,
  '>=': (o) => o >= 0,
}
