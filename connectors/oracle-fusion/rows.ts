/** Items of Fusion resources → canonical words. Ids have up to eighteen digits and stay text; an attribute that did not come stays absent. */
import { fieldOf } from '../../model/kinds.ts'
import type { RawRecord } from '../../model/record.ts'
import type { RawRow } from '../contract.ts'
import { MappingError } from '../contract.ts'
import { rawText } from '../exact-json.ts'
import type { Entity } from '../odata.ts'
import { asEntity } from '../odata.ts'
import type { ResourceSpec, Source } from './resources.ts'

export function textOf(value: unknown): string | null {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return typeof value === 'string' && value !== '' ? value : null
}

export function rowOf(spec: ResourceSpec, value: unknown): RawRow {
  return { id: textOf(asEntity(value)?.[spec.id]), value, raw: rawText(value) }
}

/** Is this row the one that holds on the day? One that is not dated always is. */
export function inForce(spec: ResourceSpec, item: Entity, day: string): boolean {
  if (spec.effective === null) return true
  const from = textOf(item[spec.effective.from])?.slice(0, 10) ?? null
  const to = textOf(item[spec.effective.to])?.slice(0, 10) ?? null
  return (from === null || from <= day) && (to === null || to >= day)
}

/** @throws MappingError for an item without an id or with a change time that is none */
export function mapRow(spec: ResourceSpec, row: RawRow): RawRecord {
  const item = asEntity(row.value)
  if (!item) throw new MappingError('item', 'the row is no object')
  const id = textOf(item[spec.id])
  if (id === null) throw new MappingError(spec.id, 'the item has no id')
  const changed = textOf(item['LastUpdateDate'])
  if (changed !== null && !Number.isFinite(Date.parse(changed)))
    throw new MappingError('LastUpdateDate', 'LastUpdateDate is no time')
  const fields: Record<string, unknown> = {}
  for (const [field, source] of Object.entries(spec.fields)) {
    const found = read(item, source)
    if (found === undefined) continue
    fields[field] = found !== null && fieldOf(spec.kind, field).type === 'date' ? found.slice(0, 10) : found
  }
  const named = (from: Record<string, string>) =>
    Object.fromEntries(
      Object.entries(from).flatMap(([name, at]) => (at in item ? [[name, textOf(item[at])] as const] : [])),
    )
  const by = textOf(item['LastUpdatedBy'])
  return {
    record_id: id,
    ...(spec.status !== null && { status: read(item, spec.status) ?? null }),
    refs: named(spec.refs),
    custom: named(spec.custom),
    created_at: textOf(item['CreationDate']),
    changed_at: changed,
    ...(by !== null && { changed_by: by }),
    fields,
  }
}

function read(item: Entity, source: Source): string | null | undefined {
  if (typeof source === 'string') return source in item ? textOf(item[source]) : undefined
  return source.from.some((name) => name in item) ? source.read(item) : undefined
}
