/** Shape of raw rows: a sample of each reading is looked at before mapping, and held against what the stream looked like. */
import type { CanonicalRecord } from '../../model/record.ts'
import { kindOf } from '../../model/kinds.ts'
import type { ObservedField, Shape, ShapeChange, ValueClass } from '../store/control/shapes.ts'
import { SHAPE } from './limits.ts'

export interface ShapeObserver {
  readonly rows: number
  readonly hasHeader: boolean
  /** Columns that a file says it has, in the order in which files are read. */
  header(columns: readonly string[]): void
  /** One raw object, with what the mapping made of it. */
  see(value: unknown, record: CanonicalRecord | null): void
  /** What the stream looks like now. Pure but for what was seen. */
  merged(
    before: Shape | null,
    at: number,
  ): { shape: Shape; found: Pick<ShapeChange, 'what' | 'path' | 'before' | 'after'>[] }
}

interface Seen {
  /** In the order in which the rows came: what each said of the field; null is blank. */
  said: { row: number; is: ValueClass | null; value: string | null; unread: boolean }[]
}

export function createShapeObserver(kind: string): ShapeObserver {
  const fields = new Map<string, Seen>()
  let headers: { first: readonly string[]; last: readonly string[] } | null = null
  let offered = 0
  let rows = 0
  return {
    get rows() {
      return rows
    },
    get hasHeader() {
      return headers !== null
    },
    header(columns) {
      const named = columns.filter((name) => name !== '' && name.length <= SHAPE.nameChars).slice(0, SHAPE.fieldsMax)
      headers = { first: headers?.first ?? named, last: named }
    },
    see(value, record) {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return
      if (offered++ >= SHAPE.everyRow && offered % SHAPE.oneIn !== 0) return
      if (rows >= SHAPE.rowsMax) return
      const row = rows++
      const codes = new Set((record?.unmapped ?? []).map((name) => record!.values[name]))
      walk(value as Record<string, unknown>, '', 0, (path, one) => {
        let seen = fields.get(path)
        if (!seen) {
          if (fields.size >= SHAPE.fieldsMax) return
          fields.set(path, (seen = { said: [] }))
        }
        const is = classOf(one)
        const text = is !== null && (is === 'text' || is === 'boolean') && says(kind, path) ? String(one).trim() : null
        seen.said.push({ row, is, value: text, unread: text !== null && codes.has(text) })
      })
    },
    merged: (before, at) => merge(before, { fields, headers, rows, at }),
  }
}

/** Every named value, into objects three levels deep; lists are one value. */
function walk(
  object: Record<string, unknown>,
  prefix: string,
  depth: number,
  tell: (path: string, value: unknown) => void,
): void {
  for (const [name, value] of Object.entries(object)) {
    if (name.length > SHAPE.nameChars) continue
    const path = prefix === '' ? name : `${prefix}.${name}`
    if (typeof value === 'object' && value !== null && !Array.isArray(value) && depth < 2)
      walk(value as Record<string, unknown>, path, depth + 1, tell)
    else tell(path, value)
  }
}

const NUMBER = /^[+-]?\d{1,30}([.,]\d+)?$/
const DATE = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?$/

/** Null: nothing is said. Numbers and days written as text count as what they read as. */
export function classOf(value: unknown): ValueClass | null {
  if (value === null || value === undefined || value === '') return null
  if (typeof value === 'number' || typeof value === 'bigint') return 'number'
  if (typeof value === 'boolean') return 'boolean'
  if (Array.isArray(value)) return 'list'
  if (typeof value === 'object') return value instanceof Date ? 'date' : 'object'
  const text = String(value).trim()
  if (text === '') return null
  if (NUMBER.test(text)) return 'number'
  if (DATE.test(text)) return 'date'
  return /^(true|false)$/i.test(text) ? 'boolean' : 'text'
}

const SORTS = new Set([
  'status',
  'state',
  'stage',
  'stage_name',
  'priority',
  'type',
  'kind',
  'interval',
  'payment_terms',
])
const plain = (path: string) =>
  path
    .slice(path.lastIndexOf('.') + 1)
    .replace(/__c$/, '')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()

/** True for fields whose values are a closed list: by the name of the field, never for what may name a person. */
function says(kind: string, path: string): boolean {
  const name = plain(path)
  return SORTS.has(name) || kindOf(kind).fields.some((f) => f.type === 'enum' && f.name === name)
}

interface Reading {
  fields: ReadonlyMap<string, Seen>
  headers: { first: readonly string[]; last: readonly string[] } | null
  rows: number
  at: number
}

function merge(before: Shape | null, { fields: seen, headers, rows, at }: Reading) {
  const shape: Shape = structuredClone(before ?? { since: at, at, rows: 0, fields: {}, changes: [] })
  const found: Pick<ShapeChange, 'what' | 'path' | 'before' | 'after'>[] = headers
    ? renamed(shape, shape.columns ?? headers.first, headers.last)
    : []
  for (const [path, { said }] of seen) {
    const known = shape.fields[path]
    const field = known ?? blank(at, shape.rows)
    if (known) found.push(...differences(path, known, said, shape.rows))
    add(field, said, rows, at)
    // A field that comes once in a while was always possible; one that stays is new.
    const due = !headers && field.since >= SHAPE.settled && shape.rows + rows - field.since >= SHAPE.proof
    if (due && field.present >= SHAPE.proof / 2 && !noticed(shape, path, 'new') && !settledBefore(known, shape.rows))
      found.push({ what: 'new', path, before: null, after: main(field) ?? 'nothing' })
    shape.fields[path] = field
  }
  for (const [path, field] of Object.entries(shape.fields)) {
    if (seen.has(path)) continue
    field.missing += rows
    if (
      !headers &&
      field.missing >= SHAPE.proof &&
      field.present >= 0.99 * (shape.rows - field.since) &&
      shape.rows >= SHAPE.settled &&
      !noticed(shape, path, 'gone')
    )
      found.push({ what: 'gone', path, before: main(field) ?? 'nothing', after: null })
  }
  for (const one of found) {
    const is = main(shape.fields[one.path] ?? { classes: {} }) ?? 'nothing'
    if (one.what === 'new') one.after ??= is
    if (one.what === 'gone') one.before ??= is
  }
  if (headers) shape.columns = [...headers.last]
  shape.rows += rows
  shape.at = at
  return { shape, found }
}

/** What one header names and the other does not: a file of three rows tells it as surely as one of a million. */
function renamed(shape: Shape, was: readonly string[], is: readonly string[]) {
  const found: Pick<ShapeChange, 'what' | 'path' | 'before' | 'after'>[] = []
  for (const path of was)
    if (!is.includes(path) && !noticed(shape, path, 'gone'))
      found.push({ what: 'gone', path, before: null, after: null })
  // What was there once is back, and nothing new.
  for (const path of is)
    if (!was.includes(path) && !(path in shape.fields)) found.push({ what: 'new', path, before: null, after: null })
  return found
}

/** Told of, and not as before again. */
const noticed = (shape: Shape, path: string, what: ShapeChange['what']) =>
  shape.changes.some((c) => c.path === path && c.what === what && c.backAt === null)

/** What stayed long enough before this reading was told of then. */
const settledBefore = (known: ObservedField | undefined, rows: number) =>
  known !== undefined && rows - known.since >= SHAPE.proof && known.present >= SHAPE.proof / 2

function blank(at: number, since: number): ObservedField {
  return {
    present: 0,
    blank: 0,
    classes: {},
    values: {},
    missing: 0,
    unfilled: 0,
    odd: null,
    firstAt: at,
    lastAt: at,
    since,
    read: null,
  }
}

function add(field: ObservedField, said: Seen['said'], rows: number, at: number): void {
  const norm = usual(field)
  for (const { is, value } of said) {
    field.present++
    if (is === null) {
      field.blank++
      field.unfilled++
      continue
    }
    field.unfilled = 0
    field.classes[is] = (field.classes[is] ?? 0) + 1
    field.odd = norm === null || is === norm ? null : { is, rows: field.odd?.is === is ? field.odd.rows + 1 : 1 }
    if (value === null || value.length > SHAPE.valueChars) field.values = null
    else if (field.values) {
      field.values[value] = (field.values[value] ?? 0) + 1
      if (Object.keys(field.values).length > SHAPE.valuesMax) field.values = null
    }
  }
  field.missing = rows - 1 - (said.at(-1)?.row ?? -1)
  field.lastAt = at
}

/** The class that nearly all values have, once there are enough of them. */
export function main(field: Pick<ObservedField, 'classes'>): ValueClass | null {
  const all = Object.values(field.classes).reduce((sum, n) => sum + n, 0)
  const [is, most] = (Object.entries(field.classes) as [ValueClass, number][]).sort((a, b) => b[1] - a[1])[0] ?? []
  return is !== undefined && most! >= all * 0.95 ? is : null
}

/** The class before others came: what a field turns into is not usual for having come often. */
function usual({ classes, odd }: ObservedField): ValueClass | null {
  return main({ classes: odd ? { ...classes, [odd.is]: (classes[odd.is] ?? 0) - odd.rows } : classes })
}

function differences(path: string, known: ObservedField, said: Seen['said'], rows: number) {
  const found: Pick<ShapeChange, 'what' | 'path' | 'before' | 'after'>[] = []
  const values = known.present - known.blank
  const norm = usual(known)
  if (norm !== null && values >= SHAPE.settled / 4) {
    let odd = known.odd
    const before = odd?.rows ?? 0
    for (const { is } of said)
      if (is !== null) odd = is === norm ? null : { is, rows: odd?.is === is ? odd.rows + 1 : 1 }
    if (odd && odd.rows >= SHAPE.proof && before < SHAPE.proof)
      found.push({ what: 'retyped', path, before: norm, after: odd.is })
  }
  if (rows >= SHAPE.settled && values >= 0.98 * known.present && said.length > 0) {
    const last = said.findLastIndex((s) => s.is !== null)
    const unfilled = last < 0 ? known.unfilled + said.length : said.length - 1 - last
    if (unfilled >= SHAPE.proof && known.unfilled < SHAPE.proof)
      found.push({ what: 'emptied', path, before: norm ?? 'values', after: null })
  }
  if (known.values && values >= SHAPE.settled / 4) {
    const fresh = [
      ...new Set(said.flatMap((s) => (s.unread && s.value !== null && !(s.value in known.values!) ? [s.value] : []))),
    ]
    if (fresh.length > 0)
      found.push({
        what: 'enumeration',
        path,
        before: Object.keys(known.values).sort().join(', '),
        after: fresh.sort().join(', '),
      })
  }
  return found
}

/** Changes that ended: the field is back, filled, or of its old class. */
export function ended(shape: Shape, change: ShapeChange): boolean {
  const field = shape.fields[change.path]
  if (change.what === 'gone') return field !== undefined && field.missing === 0
  if (change.what === 'emptied') return field !== undefined && field.unfilled === 0
  if (change.what === 'retyped') return field !== undefined && field.odd === null
  return false
}
