/** Bindings: parameter values in the spelling that both engines read the same way. */
import { PlumblineError } from '../../errors.ts'

/**
 * Three spellings differ between JavaScript and the engine: an instant is read only without its final `Z`, 64-bit
 * numbers come as text or bigint, and lists of numbers only without quotes. What the statement declares decides, so
 * that a String parameter with the same text is left as it is.
 */
export function bindings(sql: string, params: Record<string, unknown>): Record<string, unknown> {
  const types = declared(sql)
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, bound(value, types.get(name) ?? 'String', name)]),
  )
}

/** Parameters of a statement with their types. */
export function declared(sql: string): Map<string, string> {
  return new Map([...sql.matchAll(PARAMETER)].map(([, name, type]) => [name!, type!.trim()]))
}

export const PARAMETER = /\{\s*(\w+)\s*:\s*([^{}]+)\}/g

function bound(value: unknown, type: string, name: string): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Date) return bound(value.toISOString(), type, name)
  if (Array.isArray(value))
    return /^Array\((?:U?Int\d+|Decimal.*|Float\d+)\)$/.test(type)
      ? numbers(value, name)
      : value.map((v) => bound(v, type, name))
  if (typeof value === 'string' && type.includes('DateTime')) return value.replace(/Z$/, '')
  return value
}

function numbers(values: readonly unknown[], name: string): string {
  const wrong = values.find((v) => !/^-?\d+(?:\.\d+)?$/.test(String(v)))
  if (wrong !== undefined)
    throw new PlumblineError(
      'sql',
      `Parameter ${name} is a list of numbers, but holds ${JSON.stringify(String(wrong).slice(0, 40))}.`,
    )
  return `[${values.join()}]`
}
