/** Objects of the simulated account: a record as the API would give it, and its associations. */
import { fieldOf } from '../../../model/kinds.ts'
import type { SimRecord } from '../../platform.ts'
import { KEY, PLANS, REFERENCES, stampOf } from './account.ts'

export type Properties = Record<string, string | null>

export interface Shown {
  id: string
  properties: Properties
  createdAt: string
  updatedAt: string
  archived: boolean
  archivedAt?: string
}

/** All properties of a record, asked for or not. */
export function shown(kind: string, record: SimRecord, merged: readonly string[]): Shown {
  const plan = PLANS[kind]!
  const changed = new Date(record.changedAt).toISOString()
  const created = new Date(record.createdAt).toISOString()
  const properties: Properties = {
    hs_object_id: record.id,
    hs_createdate: created,
    [stampOf(kind)]: changed,
    hs_merged_object_ids: merged.length > 0 ? merged.join(';') : null,
    hs_updated_by_user_id: record.changedBy,
    [KEY]: record.fields['~key'] ?? null,
  }
  for (const [field, property] of Object.entries(plan.properties))
    properties[property] = spelled(kind, field, record.fields[field] ?? null)
  if (kind === 'contact') {
    const parts = (record.fields['name'] ?? '').split(' ')
    Object.assign(properties, { firstname: parts.slice(0, -1).join(' ') || null, lastname: parts.at(-1) || null })
  }
  if (plan.status)
    properties[plan.status.property] =
      record.oddStatus ?? (record.state === null ? null : (plan.status.words[record.state] ?? record.state))
  if (kind === 'opportunity')
    Object.assign(properties, {
      hs_is_closed: String(record.state === 'won' || record.state === 'lost'),
      hs_is_closed_won: String(record.state === 'won'),
    })
  for (const [platform, property] of Object.entries(REFERENCES)) properties[property] = record.refs[platform] ?? null
  const archivedAt = record.deletedAt === undefined ? {} : { archivedAt: new Date(record.deletedAt).toISOString() }
  const archived = record.deletedAt !== undefined
  return { id: record.id, properties, createdAt: created, updatedAt: changed, archived, ...archivedAt }
}

/** Every value is a text; days are midnight in UTC. */
function spelled(kind: string, field: string, value: string | null): string | null {
  if (value === null || value === '') return null
  return fieldOf(kind, field).type === 'date' ? `${value.slice(0, 10)}T00:00:00Z` : value
}

/** Only what was asked for: unknown names are left out without a word. */
export function only(object: Shown, names: readonly string[]): Shown {
  const kept = names.filter((name) => name in object.properties)
  return { ...object, properties: Object.fromEntries(kept.map((name) => [name, object.properties[name] ?? null])) }
}

export function describedNames(kind: string): string[] {
  return Object.keys(shown(kind, BLANK, []).properties)
}

const BLANK: SimRecord = {
  id: '',
  kind: '',
  fields: {},
  state: null,
  refs: {},
  createdAt: 0,
  changedAt: 0,
  visibleAt: 0,
  changedBy: '',
}
