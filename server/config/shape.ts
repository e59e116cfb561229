/** The shape of a zod schema: what may stand at a place of a document. For suggestions, placeholders and the editor. */
import { z } from 'zod'

type Def = {
  type: string
  innerType?: z.core.$ZodType
  in?: z.core.$ZodType
  options?: readonly z.core.$ZodType[]
  shape?: Record<string, z.core.$ZodType>
  valueType?: z.core.$ZodType
  keyType?: z.core.$ZodType
  element?: z.core.$ZodType
}
/** zod keeps the definition of every schema here: the documented way for tools that walk schemas. */
const def = (schema: z.core.$ZodType): Def => schema._zod.def as unknown as Def

/** Marks that a schema may carry as zod meta data: `secret` (connectors/secret.ts), `path` of a file or folder. */
export type Mark = 'secret' | 'path'

export function isMarked(schema: z.core.$ZodType, mark: Mark): boolean {
  for (const s of unwrapped(schema)) if (z.globalRegistry.get(s)?.[mark] === true) return true
  return false
}

/** The schema itself, then what its wrappers (optional, default, pipe) hold, outermost first. */
function* unwrapped(schema: z.core.$ZodType): Iterable<z.core.$ZodType> {
  for (let s: z.core.$ZodType | undefined = schema; s; s = def(s).innerType ?? def(s).in) yield s
}

/** What may stand there, all branches of unions; empty where everything may or the path leads nowhere. */
export function schemasAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): z.core.$ZodType[] {
  if (path.length === 0 && (isMarked(schema, 'secret') || isMarked(schema, 'path'))) return [schema]
  const core = [...unwrapped(schema)].at(-1)!
  const d = def(core)
  if (d.options) return d.options.flatMap((option) => schemasAt(option, path))
  const [step, ...rest] = path
  if (step === undefined) return [core]
  const next = d.shape ? d.shape[String(step)] : typeof step === 'number' ? d.element : d.valueType
  return next ? schemasAt(next, rest) : []
}

/** Keys that an object at this place may have. */
export function keysAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  return schemasAt(schema, path).flatMap((s) => {
    const d = def(s)
    if (d.shape) return Object.keys(d.shape)
    if (d.keyType) return [...unwrapped(d.keyType)].flatMap((k) => enumValues(k))
    return []
  })
}

export function enumValues(schema: z.core.$ZodType): string[] {
  const { entries } = schema._zod.def as unknown as { entries?: Record<string, string> }
  return entries ? Object.values(entries) : []
}

/** What a value there may be, in zod's words: string, number, boolean, object … */
export function typesAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  return schemasAt(schema, path).map((s) => def(s).type)
}

/** The value, with everything that stands at a place with this mark replaced. */
export function mapMarked(
  schema: z.core.$ZodType,
  mark: Mark,
  value: unknown,
  replace: (value: unknown, path: (string | number)[]) => unknown,
): unknown {
  const walk = (v: unknown, path: (string | number)[]): unknown => {
    const here = schemasAt(schema, path)
    if (here.some((s) => isMarked(s, mark))) return replace(v, path)
    if (here.length === 0 || v === null || typeof v !== 'object') return v
    if (Array.isArray(v)) return v.map((item, i) => walk(item, [...path, i]))
    return Object.fromEntries(Object.entries(v).map(([key, item]) => [key, walk(item, [...path, key])]))
  }
  return walk(value, [])
}
