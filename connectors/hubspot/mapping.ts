/** A HubSpot object in canonical words. All values are texts or null; a property that is not in the reply does not exist here. */
import { fieldOf } from '../../model/kinds.ts'
import type { RawRecord } from '../../model/record.ts'
import type { RawRow } from '../contract.ts'
import { MappingError } from '../contract.ts'
import type { HubspotConfig } from './config.ts'
import type { Link, ObjectSpec, Properties, Source } from './objects.ts'
import { propertiesOf } from './objects.ts'

export interface HubspotObject {
  id: string
  properties: Properties
  createdAt: string
  updatedAt: string
  archived: boolean
  archivedAt?: string
  /** Object → what it is associated with there; put in by the reader (v4) or by the API itself (v3). */
  associations?: Record<string, unknown>
}

/** Date properties are midnight in UTC, whatever the zone of the account. */
const MIDNIGHT = /^(\d{4}-\d\d-\d\d)T00:00:00(\.0+)?Z$/

export function mapObject(spec: ObjectSpec, row: RawRow, config: Pick<HubspotConfig, 'currency'>): RawRecord {
  const value = hubspotObject(row.value)
  const properties = value.properties
  const fields: Record<string, unknown> = {}
  for (const [name, source] of Object.entries(spec.fields)) {
    const found = valueOf(properties, source)
    if (found !== undefined) fields[name] = found === null ? null : spelled(spec.kind, name, found)
  }
  // Amounts without a currency of their own are in the account's.
  if (!fields['currency'] && config.currency && holdsCurrency(spec)) fields['currency'] = config.currency
  for (const [name, link] of Object.entries(spec.links)) {
    const found = linked(value, link)
    if (found !== undefined) fields[name] = found
  }
  const writer = properties['hs_updated_by_user_id']
  return {
    record_id: value.id,
    status: spec.status === null ? null : (text(properties, spec.status) ?? null),
    refs: refsOf(spec, properties),
    created_at: instant('createdAt', value.createdAt),
    changed_at: instant(spec.stamp, text(properties, spec.stamp) ?? value.updatedAt),
    deleted: value.archived,
    fields,
    ...(typeof writer === 'string' && writer !== '' && { changed_by: writer }),
  }
}

/** @throws MappingError for what is no object of this API */
export function hubspotObject(value: unknown): HubspotObject {
  const object = value as Partial<HubspotObject> | null
  if (typeof object !== 'object' || object === null) throw new MappingError('row', 'is no object')
  if (typeof object.id !== 'string' || object.id === '') throw new MappingError('id', 'the object has no id')
  if (typeof object.properties !== 'object' || object.properties === null)
    throw new MappingError('properties', 'the object has no properties')
  return { ...object, archived: object.archived === true } as HubspotObject
}

export const holdsCurrency = (spec: ObjectSpec) =>
  'currency' in spec.fields || Object.keys(spec.fields).some((f) => fieldOf(spec.kind, f).type === 'money')

function valueOf(properties: Properties, source: Source): string | null | undefined {
  if (typeof source === 'string') return text(properties, source)
  if ('constant' in source) return source.constant
  if (propertiesOf(source).every((name) => text(properties, name) === undefined)) return undefined
  return source.read(properties)
}

function text(properties: Properties, name: string): string | null | undefined {
  const value: unknown = properties[name]
  if (value === undefined || value === null) return value
  // An emptied property comes back as an empty text.
  if (typeof value === 'string') return value === '' ? null : value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw new MappingError(name, 'the value is neither a text nor empty')
}

function spelled(kind: string, field: string, value: string): string {
  return fieldOf(kind, field).type === 'date' ? value.replace(MIDNIGHT, '$1') : value
}

function refsOf(spec: ObjectSpec, properties: Properties): Record<string, string | null> {
  const refs: Record<string, string | null> = {}
  for (const [platform, name] of Object.entries(spec.refs)) {
    const found = text(properties, name)
    if (found !== undefined) refs[platform] = found
  }
  return refs
}

function instant(field: string, value: unknown): string | null {
  if (value === undefined || value === null) return null
  if (stampMs(value) === null) throw new MappingError(field, 'the stamp cannot be read as a date and time')
  return value as string
}

export function stampMs(value: unknown): number | null {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value)) return null
  const ms = Date.parse(value)
  return Number.isFinite(ms) ? ms : null
}

/** Of several the one of the link's own type (the primary company), else the first. Undefined: not asked for. */
function linked(value: HubspotObject, link: Link): string | null | undefined {
  const given = value.associations?.[link.to]
  if (given === undefined) return undefined
  const list = Array.isArray(given) ? given : (given as { results?: unknown } | null)?.results
  if (!Array.isArray(list)) throw new MappingError(`associations.${link.to}`, 'is no list')
  const all = list as { id?: unknown; toObjectId?: unknown; associationTypes?: { typeId?: unknown }[] }[]
  const chosen = all.find((one) => one.associationTypes?.some((t) => t.typeId === link.type)) ?? all[0]
  if (!chosen) return null
  const id = chosen.toObjectId ?? chosen.id
  if (typeof id !== 'string' && typeof id !== 'number')
    throw new MappingError(`associations.${link.to}`, 'names no object')
  return String(id)
}
