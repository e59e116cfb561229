/** A GraphQL object in canonical words. Rows of a list inside another object carry that object beside them. */
import { fieldOf } from '../../model/kinds.ts'
import type { RawRecord } from '../../model/record.ts'
import type { RawRow } from '../contract.ts'
import { MappingError } from '../contract.ts'
import type { Position } from '../cursor.ts'
import { rawText } from '../exact-json.ts'
import type { ObjectSpec } from './objects.ts'
import { valueAt } from './paths.ts'
import type { Source } from './values.ts'
import { idOf } from './values.ts'

export type Node = Record<string, unknown>

/** Where the object stands in the order of changes. */
export function placeOf({ updatedAt, id }: Node): Position[] {
  const stamp = stampMs(updatedAt)
  return stamp === null || typeof id !== 'string' ? [] : [{ stamp, id }]
}

/** @throws MappingError for what is no object of this API, or has a value where the mapping expects another */
export function mapNode(spec: ObjectSpec, row: RawRow): RawRecord {
  const node = nodeOf(row.value)
  const id = idOf(node['id'])
  if (id === null) throw new MappingError('id', 'the object has no id')
  const fields: Record<string, unknown> = {}
  for (const [field, source] of Object.entries({ ...spec.fields, ...(spec.state && { state: spec.state }) })) {
    const found = read(node, source)
    if (found !== undefined) fields[field] = plain(field, spelled(spec.kind, field, found))
  }
  return {
    record_id: id,
    status: spec.status === null ? null : text(node, spec.status),
    refs: texts(node, spec.refs),
    ...(Object.keys(spec.custom).length > 0 && { custom: texts(node, spec.custom) }),
    created_at: stampOf(node, spec.created),
    changed_at: stampOf(node, spec.stamp),
    deleted: spec.gone(node),
    fields,
  }
}

const read = (node: Node, source: Source): unknown =>
  typeof source === 'string' ? valueAt(node, source) : source.read(node)

/** Ids in reference fields that the configuration names are global ones. */
function spelled(kind: string, field: string, value: unknown): unknown {
  const isGlobal = typeof value === 'string' && value.startsWith('gid://')
  if (field === 'state' || !isGlobal) return value
  return fieldOf(kind, field).type === 'reference' ? idOf(value) : value
}

function plain(field: string, value: unknown): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value === '' ? null : value
  if (typeof value === 'number') return String(value)
  throw new MappingError(field, `the value is ${Array.isArray(value) ? 'a list' : 'an object'}, not a single one`)
}

function text(node: Node, path: string): string | null {
  const value = plain(path, valueAt(node, path) ?? null)
  return value === null ? null : String(value)
}

function texts(node: Node, paths: Readonly<Record<string, string>>): Record<string, string | null> {
  const carried = Object.entries(paths).filter(([, path]) => valueAt(node, path) !== undefined)
  return Object.fromEntries(carried.map(([name, path]) => [name, text(node, path)]))
}

function nodeOf(value: unknown): Node {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new MappingError('row', 'is no object')
  return value as Node
}

/** Stamps have whole seconds and say so. */
function stampOf(node: Node, path: string): string | null {
  const value = valueAt(node, path)
  if (value === undefined || value === null) return null
  if (stampMs(value) === null) throw new MappingError(path, 'the stamp cannot be read as a date and time')
  return value as string
}

export function stampMs(value: unknown): number | null {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value)) return null
  const ms = Date.parse(value)
  return Number.isFinite(ms) ? ms : null
}

export function rowOf(node: Node): RawRow {
  let id: string | null = null
  try {
    id = idOf(node['id'])
  } catch {
    // Mapping names what is wrong with it.
  }
  return { id, value: node, raw: rawText(node) }
}
