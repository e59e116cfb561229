/** Placeholders where a number or a truth value is wanted: `port: ${ENV:PORT}` is text in YAML and a number in its place. */
import type { z } from 'zod'
import { hasPlaceholder } from './secrets.ts'
import { typesAt } from './shape.ts'

/** `resolved`, with what a placeholder became turned into the type that its place wants, where it reads as that type. */
export function written(schema: z.core.$ZodType, raw: unknown, resolved: unknown): unknown {
  const walk = (was: unknown, is: unknown, path: (string | number)[]): unknown => {
    if (typeof was === 'string' && typeof is === 'string')
      return hasPlaceholder(was) ? read(is, typesAt(schema, path)) : is
    if (Array.isArray(was) && Array.isArray(is)) return is.map((item, i) => walk(was[i], item, [...path, i]))
    if (isMapping(was) && isMapping(is))
      return Object.fromEntries(Object.entries(is).map(([key, item]) => [key, walk(was[key], item, [...path, key])]))
    return is
  }
  return walk(raw, resolved, [])
}

const isMapping = (v: unknown): v is Record<string, unknown> => v !== null && typeof v === 'object' && !Array.isArray(v)

function read(text: string, types: readonly string[]): unknown {
  if (types.includes('string')) return text
  if (types.includes('number') && /^-?\d+(\.\d+)?$/.test(text)) return Number(text)
  if (types.includes('boolean') && /^(true|false)$/.test(text)) return text === 'true'
  return text
}
