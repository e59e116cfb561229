/**
 * Canonical JSON (after RFC 8785): names in order, no white space, whole numbers only. One document has one spelling,
 * so that a signature covers every byte of its file.
 */
import { PlumblineError } from '../../errors.ts'

export type Json = string | number | boolean | null | Json[] | { [name: string]: Json }

/** @throws PlumblineError schema for what has no canonical form. */
export function canonical(value: Json): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value) || Object.is(value, -0))
      throw new PlumblineError('schema', `${value} has no canonical form; write it as text.`)
    return String(value)
  }
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  const names = Object.keys(value).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name]!)}`).join(',')}}`
}
