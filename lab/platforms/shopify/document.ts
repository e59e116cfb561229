/** GraphQL documents, parsed: enough of the language for what clients of a shop write. */

export type Value =
  | { variable: string }
  | { enum: string }
  | { list: Value[] }
  | { object: Record<string, Value> }
  | { literal: string | number | boolean | null }

export interface Field {
  name: string
  alias: string
  arguments: Record<string, Value>
  fields: Selection[]
}
export type Selection = Field | { on: string; fields: Selection[] }

export interface Document {
  operation: 'query' | 'mutation'
  /** Variable → its type as written. */
  variables: Record<string, string>
  fields: Selection[]
}

export const isField = (one: Selection): one is Field => 'name' in one

export class SyntaxProblem extends Error {}

const TOKEN = /"(?:[^"\\]|\\.)*"|\.\.\.|[A-Za-z_]\w*|-?\d+(?:\.\d+)?|[{}()[\]:$!=@]/g

export function parseDocument(text: string): Document {
  const tokens = text.match(TOKEN) ?? []
  // What no token begins with is no GraphQL.
  if (text.replace(TOKEN, '').replace(/[\s,]/g, '') !== '') throw new SyntaxProblem('Parse error: unexpected character')
  let at = 0
  const peek = () => tokens[at]
  const take = (wanted?: string): string => {
    const token = tokens[at++]
    if (token === undefined || (wanted !== undefined && token !== wanted))
      throw new SyntaxProblem(`Parse error on "${token ?? 'end'}"${wanted === undefined ? '' : `, expected ${wanted}`}`)
    return token
  }
  const eat = (token: string) => peek() === token && at++ >= 0

  function value(): Value {
    const token = take()
    if (token === '$') return { variable: take() }
    if (token === '[') {
      const list: Value[] = []
      while (!eat(']')) list.push(value())
      return { list }
    }
    if (token === '{') {
      const object: Record<string, Value> = {}
      while (!eat('}')) {
        const name = take()
        take(':')
        object[name] = value()
      }
      return { object }
    }
    if (token.startsWith('"')) return { literal: JSON.parse(token) as string }
    if (/^-?\d/.test(token)) return { literal: Number(token) }
    if (token === 'null' || token === 'true' || token === 'false')
      return { literal: token === 'null' ? null : token === 'true' }
    return { enum: token }
  }
  function selections(): Selection[] {
    const all: Selection[] = []
    take('{')
    while (!eat('}')) {
      if (eat('...')) {
        take('on')
        all.push({ on: take(), fields: selections() })
        continue
      }
      let name = take()
      const alias = name
      if (eat(':')) name = take()
      const given: Record<string, Value> = {}
      if (eat('('))
        while (!eat(')')) {
          const argument = take()
          take(':')
          given[argument] = value()
        }
      all.push({ name, alias, arguments: given, fields: peek() === '{' ? selections() : [] })
    }
    return all
  }
  function type(): string {
    const inner = eat('[') ? `[${type()}]` : take()
    if (inner.startsWith('[')) take(']')
    return eat('!') ? `${inner}!` : inner
  }

  const operation = peek() === '{' ? 'query' : take()
  if (operation !== 'query' && operation !== 'mutation') throw new SyntaxProblem(`Parse error on "${operation}"`)
  if (/^[A-Za-z_]/.test(peek() ?? '')) take()
  const variables: Record<string, string> = {}
  if (eat('('))
    while (!eat(')')) {
      take('$')
      const name = take()
      take(':')
      variables[name] = type()
    }
  const fields = selections()
  if (at < tokens.length) throw new SyntaxProblem('Parse error: more than one operation')
  return { operation, variables, fields }
}
