/** Long lists over HTTP: a server reads at most 128 KiB for one parameter, so a longer list goes as several that it joins again. */
import { declared, PARAMETER } from './bindings.ts'

/** Characters of one parameter, with room for what escaping adds. */
const MOST = 60_000

export interface Request {
  sql: string
  params: Record<string, unknown>
}

/** The same statement with every too long list cut into pieces. Lists of numbers come as `[1,2,3]`, others as arrays. */
export function withLongLists({ sql, params }: Request): Request {
  const pieces: Record<string, unknown> = {}
  const cut = new Map<string, string[]>()
  const types = declared(sql)
  for (const [name, value] of Object.entries(params)) {
    const parts = types.get(name)?.startsWith('Array(') ? pieced(value) : null
    if (!parts) pieces[name] = value
    else
      cut.set(
        name,
        parts.map((part, i) => {
          pieces[`${name}__${i}`] = part
          return `${name}__${i}`
        }),
      )
  }
  if (!cut.size) return { sql, params }
  return {
    params: pieces,
    sql: sql.replaceAll(PARAMETER, (whole, name: string, type: string) => {
      const names = cut.get(name)
      return names ? `arrayConcat(${names.map((n) => `{${n}:${type}}`).join(', ')})` : whole
    }),
  }
}

function pieced(value: unknown): unknown[] | null {
  if (typeof value === 'string' && value.length > MOST)
    return slices(value.slice(1, -1).split(','), (v) => v.length).map((part) => `[${part.join()}]`)
  if (Array.isArray(value)) {
    const parts = slices(value as unknown[], (v) => String(v).length + 3)
    return parts.length > 1 ? parts : null
  }
  return null
}

function slices<T>(values: readonly T[], size: (value: T) => number): T[][] {
  const parts: T[][] = []
  let part: T[] = []
  let length = 0
  for (const value of values) {
    part.push(value)
    length += size(value) + 1
    if (length < MOST) continue
    parts.push(part)
    part = []
    length = 0
  }
  if (part.length || !parts.length) parts.push(part)
  return parts
}
