/** Documents, carried out on plain objects: a member that is a function takes the arguments of its field. */
import type { Document, Selection, Value } from './document.ts'
import { isField } from './document.ts'

export type Arguments = Record<string, unknown>
export type Node = { __typename: string } & Record<string, unknown>

/** A field that the type does not have. */
export class UndefinedField extends Error {}

export function runDocument(document: Document, root: Node, variables: Arguments): Record<string, unknown> {
  const given = (value: Value): unknown => {
    if ('variable' in value) return variables[value.variable] ?? null
    if ('list' in value) return value.list.map(given)
    if ('object' in value)
      return Object.fromEntries(Object.entries(value.object).map(([name, inner]) => [name, given(inner)]))
    return 'enum' in value ? value.enum : value.literal
  }
  function shown(value: unknown, fields: readonly Selection[]): unknown {
    if (value === null || value === undefined) return null
    if (Array.isArray(value)) return value.map((one) => shown(one, fields))
    if (fields.length === 0) return value
    const node = value as Node
    const out: Record<string, unknown> = {}
    for (const field of fields) {
      if (!isField(field)) {
        if (node.__typename === field.on) Object.assign(out, shown(node, field.fields))
        continue
      }
      if (!(field.name in node))
        throw new UndefinedField(`Field '${field.name}' doesn't exist on type '${node.__typename}'`)
      const found = node[field.name]
      const given_ = Object.fromEntries(Object.entries(field.arguments).map(([name, v]) => [name, given(v)]))
      const result = typeof found === 'function' ? (found as (given: Arguments) => unknown)(given_) : found
      out[field.alias] = shown(result, field.fields)
    }
    return out
  }
  return shown(root, document.fields) as Record<string, unknown>
}

/** What a query may cost at most: one point for each object that it could show, ten for a mutation. */
export function costOf(document: Document, variables: Arguments): number {
  const each = (fields: readonly Selection[], times: number): number =>
    fields.reduce((sum, field) => {
      if (!isField(field)) return sum + each(field.fields, times)
      const first = field.arguments['first']
      const count =
        first === undefined
          ? 1
          : Number('variable' in first ? variables[first.variable] : 'literal' in first ? first.literal : 1)
      const many = times * (Number.isFinite(count) ? count : 1)
      return sum + (field.fields.length === 0 || field.name === 'nodes' ? 0 : many) + each(field.fields, many)
    }, 0)
  // Objects inside objects are charged by their list alone, as Shopify does.
  return document.operation === 'mutation' ? 10 : Math.max(1, Math.ceil(each(document.fields, 1) / 10))
}
