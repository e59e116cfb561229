/** A Salesforce row in canonical words. What field-level security hides is not in the row, and stays absent. */
import type { RawRecord } from '../../model/record.ts'
import { fieldOf } from '../../model/kinds.ts'
import type { RawRow } from '../contract.ts'
import { MappingError } from '../contract.ts'
import type { SalesforceConfig } from './config.ts'
import type { ObjectSpec, SObject, Source } from './objects.ts'
import { pathsOf } from './objects.ts'
import { id18, stampMs } from './soql.ts'

/** A field that the row does not carry at all, told apart from one that is null. */
const ABSENT = Symbol('absent')

export function mapRow(spec: ObjectSpec, row: RawRow, config: Pick<SalesforceConfig, 'currency'>): RawRecord {
  const value = sobject(row.value)
  const id = value['Id']
  if (typeof id !== 'string' || id === '') throw new MappingError('Id', 'the row has no Id')
  const record: RawRecord = {
    record_id: id18(id),
    status: spec.status === null ? null : textOf(value, spec.status),
    refs: refsOf(spec, value),
    created_at: stampText(value, 'CreatedDate'),
    changed_at: stampText(value, 'SystemModstamp'),
    deleted: value['IsDeleted'] === true,
    fields: fieldsOf(spec, value, config),
  }
  const survivor = textOf(value, 'MasterRecordId')
  if (survivor) record.merged_into = id18(survivor)
  const writer = textOf(value, 'LastModifiedBy.Username')
  if (writer) record.changed_by = writer
  return record
}

function fieldsOf(
  spec: ObjectSpec,
  value: SObject,
  config: Pick<SalesforceConfig, 'currency'>,
): Record<string, unknown> {
  const fields: Record<string, unknown> = {}
  for (const [name, source] of Object.entries(spec.fields)) {
    const found = valueOf(value, source)
    if (found === ABSENT) {
      // Orgs with one currency have no such field; the configuration then says which one it is.
      if (name === 'currency' && config.currency) fields[name] = config.currency
      continue
    }
    fields[name] = plain(found, name)
    if (typeof fields[name] === 'string' && fieldOf(spec.kind, name).type === 'reference')
      fields[name] = id18(fields[name])
  }
  return fields
}

function valueOf(value: SObject, source: Source): unknown {
  if (typeof source === 'object' && 'constant' in source) return source.constant
  if (pathsOf(source).some((path) => at(value, path) === ABSENT)) return ABSENT
  return typeof source === 'string' ? at(value, source) : source.read(value)
}

/** Follows a path; a relationship that is empty makes everything behind it empty, not absent. */
function at(value: SObject, path: string): unknown {
  let here: unknown = value
  for (const name of path.split('.')) {
    if (here === null) return null
    if (typeof here !== 'object' || !Object.hasOwn(here, name)) return ABSENT
    here = (here as SObject)[name]
  }
  return here
}

function plain(found: unknown, name: string): unknown {
  if (found === null || typeof found === 'string' || typeof found === 'boolean') return found
  if (typeof found === 'number') return String(found)
  throw new MappingError(
    name,
    `the value is ${Array.isArray(found) ? 'a list' : `of type ${typeof found}`}, not a text, number or yes/no`,
  )
}

function textOf(value: SObject, path: string): string | null {
  const found = at(value, path)
  return found === ABSENT || found === null ? null : String(plain(found, path))
}

function refsOf(spec: ObjectSpec, value: SObject): Record<string, string | null> {
  const refs: Record<string, string | null> = {}
  for (const [platform, path] of Object.entries(spec.refs))
    if (at(value, path) !== ABSENT) refs[platform] = textOf(value, path)
  return refs
}

/** Salesforce stamps are whole seconds that pretend to milliseconds: written without them, they are not read as exact. */
function stampText(value: SObject, field: string): string | null {
  const found = value[field]
  if (found === undefined || found === null) return null
  const ms = stampMs(found)
  if (ms === null) throw new MappingError(field, 'the stamp cannot be read as a date and time')
  return new Date(ms).toISOString().replace('.000Z', 'Z')
}

function sobject(value: unknown): SObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new MappingError('row', 'the row is not an object')
  return value as SObject
}
