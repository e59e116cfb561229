/** Columns: which canonical name a column of a file means, and how a row of cells becomes a raw record. */
import { kindOf } from '../../model/kinds.ts'
import type { RawRecord } from '../../model/record.ts'
import type { RawRow } from '../contract.ts'
import { ConnectorError, MappingError } from '../contract.ts'

/** What a column feeds: a common key of the record, a field, a reference, a custom field; or nothing, knowingly. */
type Target =
  { into: 'common'; key: CommonKey } | { into: 'fields' | 'refs' | 'custom'; key: string } | { into: 'ignored' }

const COMMON = [
  'record_id',
  'status',
  'created_at',
  'changed_at',
  'deleted',
  'merged_into',
  'changed_by',
  'correlation_id',
] as const
type CommonKey = (typeof COMMON)[number]
/** Columns of our own exports that say nothing about the platform's record. */
const IGNORED = new Set(['platform', 'kind', 'entity_id', 'observed_at', 'version_hash', 'customer_entity_id'])

export type Row = Record<string, unknown>

export interface Columns {
  /** Column of record_id. */
  id: string
  /** Canonical fields that the columns can carry. */
  held: string[]
  unread: string[]
}

/** What the columns of one kind's files mean. Made once per stream. */
export interface ColumnReader {
  /** @throws ConnectorError `schema` naming file and columns if there is no record_id or something is said twice */
  header(columns: readonly string[], file: string): Columns
  /** @throws MappingError naming the column that cannot be read */
  record(row: RawRow): RawRecord
}

/** @param renamed canonical name → column, from the settings */
export function columnReader(kind: string, renamed: Record<string, string>): ColumnReader {
  const fields = new Set(kindOf(kind).fields.map((f) => f.name))
  // A number may be the record's id as well: then the column means both.
  const idColumn = renamed['record_id'] === undefined ? null : fold(renamed['record_id'])
  const byColumn = new Map(
    Object.entries(renamed)
      .sort(([a]) => (a === 'record_id' ? -1 : 1))
      .map(([canonical, column]) => [fold(column), canonical]),
  )
  const known = new Map<string, Target | null>()
  const target = (column: string): Target | null => {
    let found = known.get(column)
    if (found === undefined) {
      found = targetOf(byColumn.get(fold(column)) ?? fold(column), fields)
      // Bounded: a hostile NDJSON file may bring ever new names.
      if (known.size < 10_000) known.set(column, found)
    }
    return found
  }
  return {
    header(columns, file) {
      const taken = new Map<string, string>()
      const unread: string[] = []
      for (const column of columns) {
        if (column === '') continue
        const found = target(column)
        if (!found) unread.push(column)
        const name = !found || found.into === 'ignored' ? `other ${fold(column)}` : `${found.into} ${found.key}`
        if (taken.has(name)) throw twice(file, column, taken.get(name)!)
        taken.set(name, column)
      }
      const id = taken.get('common record_id') ?? columns.find((c) => fold(c) === idColumn)
      if (id === undefined) throw withoutId(file, kind, columns)
      const targets = columns.map(target).filter((t) => t !== null)
      return { id, held: heldBy(targets, kind), unread }
    },
    record: (row) => toRecord(row, target),
  }
}

function twice(file: string, column: string, first: string): ConnectorError {
  const also = first === column ? '' : ` (also as “${first}”)`
  return new ConnectorError('schema', `${file} has the column “${column}” twice${also}.`, {
    file,
    line: 1,
    remedy: 'Rename or remove one of them.',
  })
}

function withoutId(file: string, kind: string, columns: readonly string[]): ConnectorError {
  return new ConnectorError(
    'schema',
    `${file} has no column record_id; its columns are ${columns.slice(0, 30).join(', ') || 'none'}.`,
    {
      file,
      line: 1,
      remedy: `Name the column that holds the platform’s own id record_id, or set columns: { ${kind}: { record_id: <column> } } in the platform’s config.`,
    },
  )
}

function targetOf(name: string, fields: ReadonlySet<string>): Target | null {
  const common: CommonKey | undefined = name === 'id' ? 'record_id' : COMMON.find((c) => c === name)
  if (common) return { into: 'common', key: common }
  if (name.startsWith('refs.') && name.length > 5) return { into: 'refs', key: name.slice(5) }
  if (name.startsWith('custom.') && name.length > 7) return { into: 'custom', key: name.slice(7) }
  if (fields.has(name)) return { into: 'fields', key: name }
  // An address column of a table that cannot write dots.
  const dotted = name.replace(/^(bill_to|ship_to)_/, '$1.')
  if (fields.has(dotted)) return { into: 'fields', key: dotted }
  return IGNORED.has(name) ? { into: 'ignored' } : null
}

/** `state` is held where the file says a state or a status. */
function heldBy(targets: readonly Target[], kind: string): string[] {
  const held = new Set<string>()
  for (const target of targets) {
    if (target.into === 'fields') held.add(target.key)
    if (target.into === 'common' && target.key === 'status' && kindOf(kind).states.length > 0) held.add('state')
  }
  return [...held]
}

function toRecord(row: RawRow, targetOfColumn: (column: string) => Target | null): RawRecord {
  const cells = row.value as Row
  const record: RawRecord = { record_id: row.id ?? '', fields: {} }
  for (const column of Object.keys(cells)) {
    const target = targetOfColumn(column)
    const cell = cells[column]
    if (!target || target.into === 'ignored') continue
    if (target.into === 'common') common(record, target.key, cell)
    else if (target.into === 'fields') record.fields[target.key] = cell
    else if (target.into === 'refs') (record.refs ??= {})[target.key] = textOf(cell, `refs.${target.key}`)
    else (record.custom ??= {})[target.key] = cell
  }
  if (record.record_id === '') throw new MappingError('record_id', 'the record has no record_id')
  return record
}

function common(record: RawRecord, key: CommonKey, cell: unknown): void {
  if (key === 'record_id') return
  if (key === 'deleted') record.deleted = truth(cell)
  else if (key === 'created_at' || key === 'changed_at')
    record[key] = typeof cell === 'number' ? cell : textOf(cell, key)
  else record[key] = textOf(cell, key)
}

function textOf(cell: unknown, name: string): string | null {
  if (cell === null || cell === '') return null
  if (typeof cell === 'string') return cell
  if (typeof cell === 'number' || typeof cell === 'bigint' || typeof cell === 'boolean') return String(cell)
  throw new MappingError(name, 'a list or object stands where one value is expected')
}

const TRUE = new Set(['true', '1', 'yes', 'y', 't'])
const FALSE = new Set(['', 'false', '0', 'no', 'n', 'f'])

function truth(cell: unknown): boolean {
  const word = cell === null ? '' : String(cell).trim().toLowerCase()
  if (TRUE.has(word)) return true
  if (FALSE.has(word)) return false
  throw new MappingError('deleted', 'deleted must be true or false')
}

/** Column names compare without case, outer white space, and the difference between space, hyphen and underscore. */
export function fold(column: string): string {
  return column
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_')
}
