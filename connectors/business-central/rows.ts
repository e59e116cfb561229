/** Entities of Business Central → canonical words: nothing is an empty text, the year 1 or a GUID of zeros, never null. */
import { fieldOf } from '../../model/kinds.ts'
import type { RawRecord } from '../../model/record.ts'
import type { RawRow } from '../contract.ts'
import { MappingError } from '../contract.ts'
import { rawText } from '../exact-json.ts'
import { asEntity } from '../odata.ts'
import type { CentralConfig } from './config.ts'
import type { EntitySpec } from './entities.ts'

/** How the API writes an empty option. */
export const BLANK = '_x0020_'
const NOTHING = new Set(['', ' ', BLANK, '0001-01-01', '0001-01-01T00:00:00Z', '00000000-0000-0000-0000-000000000000'])

export function textOf(value: unknown): string | null {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return typeof value === 'string' && !NOTHING.has(value) ? value : null
}

export function rowOf(value: unknown): RawRow {
  return { id: textOf(asEntity(value)?.['id']), value, raw: rawText(value) }
}

export function stampMs(value: unknown): number | null {
  const text = textOf(value)
  const ms = text !== null && /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isFinite(ms) ? ms : null
}

/** @throws MappingError for an entity without an id or with a stamp that is none */
export function mapRow(spec: EntitySpec, row: RawRow, config: Pick<CentralConfig, 'local_currency'>): RawRecord {
  const entity = asEntity(row.value)
  if (!entity) throw new MappingError('entity', 'the row is no object')
  const id = textOf(entity['id'])
  if (id === null) throw new MappingError('id', 'the entity has no id')
  const changed = textOf(entity['lastModifiedDateTime'])
  if (changed !== null && stampMs(changed) === null)
    throw new MappingError('lastModifiedDateTime', 'lastModifiedDateTime is no time')
  const fields: Record<string, unknown> = {}
  for (const [field, property] of Object.entries(spec.fields)) {
    if (!(property in entity)) continue
    const text = textOf(entity[property])
    if (field === 'currency' && text === null) {
      if (config.local_currency !== undefined) fields[field] = config.local_currency
    } else if (fieldOf(spec.kind, field).type === 'bool' && typeof entity[property] === 'string')
      // Blocked for shipping, invoicing or everything: each is a hold.
      fields[field] = String(text !== null)
    else fields[field] = text
  }
  const refs: Record<string, string> = {}
  for (const [platform, property] of Object.entries(spec.refs)) {
    const other = textOf(entity[property])
    if (other !== null) refs[platform] = other
  }
  return {
    record_id: id,
    ...(spec.status !== null && { status: textOf(entity[spec.status]) }),
    refs,
    custom: Object.fromEntries(Object.entries(spec.custom).map(([name, at]) => [name, textOf(entity[at])])),
    changed_at: changed,
    fields,
  }
}
