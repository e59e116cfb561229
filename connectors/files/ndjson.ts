/** NDJSON: one object a line. A line that cannot be read spoils only itself. */
import type { RawRow } from '../contract.ts'
import { JsonError, parseExact } from '../exact-json.ts'
import { kindOf } from '../../model/kinds.ts'
import type { Row } from './columns.ts'
import { asUtf8 } from './csv.ts'
import type { Batch } from './csv.ts'

/** A longer line is not read; its beginning is kept. */
const LINE_BYTES_MAX = 8 * 1024 * 1024
const KEPT_BYTES = 64 * 1024

export async function* readNdjson(
  chunks: AsyncIterable<Uint8Array>,
  { file, encoding, kind }: { file: string; encoding: string; kind: string | null },
): AsyncGenerator<Batch> {
  const groups = groupsOf(kind)
  const columns = new Set<string>()
  let line = 0
  let any = false
  for await (const lines of linesOf(asUtf8(chunks, encoding))) {
    const rows: RawRow[] = []
    for (const bytes of lines) {
      line++
      const row = rowOf(bytes, `${file} line ${line}`, groups)
      if (row === null) continue
      rows.push(row)
      if (row.value !== null) for (const column of Object.keys(row.value as Row)) columns.add(column)
    }
    if (rows.length === 0) continue
    any = true
    yield { columns: [...columns], declared: false, rows }
  }
  // A file without rows still is a file: an empty one says that there are no records.
  if (!any && line > 0) yield { columns: ['record_id'], declared: false, rows: [] }
}

const strict = new TextDecoder('utf-8', { fatal: true })

function rowOf(bytes: Buffer, at: string, groups: ReadonlySet<string>): RawRow | null {
  if (bytes.length > LINE_BYTES_MAX)
    return {
      id: null,
      value: null,
      raw: '',
      bytes: bytes.subarray(0, KEPT_BYTES),
      at,
      unreadable: `the line has ${bytes.length} bytes; at most ${LINE_BYTES_MAX} are read`,
    }
  let raw: string
  try {
    raw = strict.decode(bytes).trim()
  } catch {
    return { id: null, value: null, raw: '', bytes, at, unreadable: 'the line is not valid UTF-8 text' }
  }
  if (raw === '') return null
  try {
    const value = parseExact(raw)
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return { id: null, value: null, raw, at, unreadable: 'the line holds no JSON object' }
    return { id: null, value: flat(value as Row, groups), raw, at }
  } catch (error) {
    return {
      id: null,
      value: null,
      raw,
      at,
      unreadable: error instanceof JsonError ? error.message : 'the line is not valid JSON',
    }
  }
}

/** `{"bill_to": {"country": "DE"}}` is the column `bill_to.country`; likewise refs and custom. */
function flat(row: Row, groups: ReadonlySet<string>): Row {
  let nested = false
  for (const key of Object.keys(row)) if (groups.has(key) && typeof row[key] === 'object') nested = true
  if (!nested) return row
  const out: Row = {}
  for (const [key, value] of Object.entries(row)) {
    if (groups.has(key) && typeof value === 'object' && value !== null && !Array.isArray(value))
      for (const [inner, v] of Object.entries(value)) out[`${key}.${inner}`] = v
    else if (!(groups.has(key) && value === null))
      Object.defineProperty(out, key, { value, enumerable: true, writable: true, configurable: true })
  }
  return out
}

function groupsOf(kind: string | null): Set<string> {
  if (kind === null) return new Set()
  const dotted = kindOf(kind)
    .fields.filter((f) => f.name.includes('.'))
    .map((f) => f.name.split('.')[0]!)
  return new Set(['refs', 'custom', ...dotted])
}

/** Lines of each chunk, without their ends. */
async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer[]> {
  let rest: Buffer[] = []
  for await (const chunk of chunks) {
    const lines: Buffer[] = []
    let from = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      const tail = chunk.subarray(from, end)
      lines.push(rest.length > 0 ? Buffer.concat([...rest, tail]) : tail)
      rest = []
      from = end + 1
    }
    if (from < chunk.length) rest.push(Buffer.from(chunk.subarray(from)))
    if (lines.length > 0) yield lines
  }
  if (rest.length > 0) yield [Buffer.concat(rest)]
}
