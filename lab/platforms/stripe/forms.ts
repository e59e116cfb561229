/** Forms of the simulated account: bracketed names as the nested objects that they mean, and back. */

export type Form = Record<string, string>
export interface Nested {
  [name: string]: string | Nested
}

/** `items[0][price_data][currency]` → `{ items: { 0: { price_data: { currency } } } }`. */
export function nested(form: Form): Nested {
  const out: Nested = {}
  for (const [name, value] of Object.entries(form)) {
    const path = name.split(/[[\]]+/).filter((part) => part !== '')
    let here = out
    for (const part of path.slice(0, -1)) {
      const inner = here[part]
      here = here[part] = typeof inner === 'object' ? inner : {}
    }
    here[path.at(-1)!] = value
  }
  return out
}

export function textAt(form: Nested, ...path: string[]): string | undefined {
  let here: string | Nested | undefined = form
  for (const part of path) here = typeof here === 'object' ? here[part] : undefined
  return typeof here === 'string' ? here : undefined
}

export function partAt(form: Nested, ...path: string[]): Nested | undefined {
  let here: string | Nested | undefined = form
  for (const part of path) here = typeof here === 'object' ? here[part] : undefined
  return typeof here === 'object' ? here : undefined
}
