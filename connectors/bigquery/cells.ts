/** Cells as BigQuery sends them → text without loss: `{v}` of text, microseconds since 1970, nested rows and lists. */
import type { Column } from '../warehouse.ts'

export interface FieldSchema {
  name: string
  type: string
  mode?: string
  fields?: FieldSchema[]
}

export interface Cell {
  v: unknown
}

const TIMES: Record<string, Column['time']> = { TIMESTAMP: 'instant', DATETIME: 'local', DATE: 'day' }
/** Schemas use names of their first dialect, parameters those of today’s. */
const NAMES: Record<string, string> = { INTEGER: 'INT64', FLOAT: 'FLOAT64', BOOLEAN: 'BOOL' }

export function columnOf({ name, type, mode }: FieldSchema): Column {
  if (mode === 'REPEATED') return { name, type: 'ARRAY', time: null }
  return { name, type: NAMES[type] ?? type, time: TIMES[type] ?? null }
}

export function written(cell: unknown, field: FieldSchema): string | null {
  const value = plain(cell, field)
  return value === null || typeof value === 'string' ? value : JSON.stringify(value)
}

/** Nested values keep their names; everything inside stays text. */
function plain(cell: unknown, field: FieldSchema): unknown {
  if (cell === null || cell === undefined) return null
  if (field.mode === 'REPEATED') {
    const items = Array.isArray(cell) ? (cell as Cell[]) : []
    return items.map(({ v }) => plain(v, { ...field, mode: 'NULLABLE' }))
  }
  if (field.fields) {
    const cells = (cell as { f?: Cell[] }).f ?? []
    return Object.fromEntries(field.fields.map((inner, i) => [inner.name, plain(cells[i]?.v, inner)]))
  }
  const text = String(cell)
  return field.type === 'TIMESTAMP' ? instant(text) : text
}

/** Microseconds since 1970 → ISO. Left as it is where it is something else. */
export function instant(text: string): string {
  if (!/^-?\d+$/.test(text)) return text
  const micros = BigInt(text)
  const rest = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n
  const seconds = Number((micros - rest) / 1_000_000n)
  const fine = String(rest).padStart(6, '0').replace(/0+$/, '')
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}${fine === '' ? '' : `.${fine}`}Z`
}
