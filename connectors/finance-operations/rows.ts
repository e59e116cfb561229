/** Rows of data entities → canonical words: nothing is an empty text or the year 1900, never null, and every id lies in a company. */
import { fieldOf } from '../../model/kinds.ts'
import type { RawRecord } from '../../model/record.ts'
import type { RawRow } from '../contract.ts'
import { MappingError } from '../contract.ts'
import { rawText } from '../exact-json.ts'
import { asEntity, quoted } from '../odata.ts'
import type { OperationsConfig } from './config.ts'
import type { EntitySpec } from './entities.ts'
import { COMPANY } from './entities.ts'

const NOTHING = /^(|1900-01-01T(00|12):00:00Z|0001-01-01T00:00:00Z)$/
const SEPARATOR = '/'

export function said(value: unknown): string | null {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return typeof value === 'string' && !NOTHING.test(value) ? value : null
}

/** Companies are compared without case, and written in the case that the key has. */
export const idIn = (company: string, parts: readonly string[]) => [company.toLowerCase(), ...parts].join(SEPARATOR)

export function idOf(spec: EntitySpec, value: unknown): string | null {
  const row = asEntity(value)
  const company = said(row?.[COMPANY])
  const parts = spec.id.map((name) => said(row?.[name]))
  return company !== null && parts.every((part) => part !== null) ? idIn(company, parts) : null
}

/** Parts of an id: the company, then the rest by the properties of `spec.id`. */
export function partsOf(spec: EntitySpec, id: string): string[] | null {
  const parts = id.split(SEPARATOR)
  const tail = parts.slice(spec.id.length)
  // The last part keeps a separator of its own.
  const whole = [...parts.slice(0, spec.id.length), tail.join(SEPARATOR)]
  return parts.length > spec.id.length && whole.every((part) => part !== '') ? whole : null
}

export const rowOf = (spec: EntitySpec, value: unknown): RawRow => ({
  id: idOf(spec, value),
  value,
  raw: rawText(value),
})

/** A key in a filter or address: texts are quoted, numbers and times are not. */
export function literalOf(value: unknown): string {
  const text = String(value)
  return typeof value === 'number' || /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text) ? text : quoted(text)
}

/** @throws MappingError for a row without its key or with a change time that is none */
export function mapRow(spec: EntitySpec, row: RawRow, { currencies }: Pick<OperationsConfig, 'currencies'>): RawRecord {
  const entity = asEntity(row.value)
  if (!entity) throw new MappingError('entity', 'the row is no object')
  const id = idOf(spec, entity)
  if (id === null) throw new MappingError([COMPANY, ...spec.id].join(', '), 'the row has no key')
  const company = String(entity[COMPANY])
  const changed = spec.modified === null ? null : said(entity[spec.modified])
  if (changed !== null && !Number.isFinite(Date.parse(changed)))
    throw new MappingError(spec.modified!, `${spec.modified} is no time`)
  const fields: Record<string, unknown> = {}
  for (const [field, property] of Object.entries(spec.fields))
    if (property in entity) fields[field] = canonical(spec, field, company, entity[property])
  if (spec.kind === 'product' && spec.fields['currency'] === undefined) priced(fields, currencyOf(currencies, company))
  if (spec.kind === 'line' && 'document' in fields) fields['document_kind'] = 'order'
  const named = (from: Record<string, string>) =>
    Object.fromEntries(
      Object.entries(from).flatMap(([name, at]) => (at in entity ? [[name, said(entity[at])] as const] : [])),
    )
  return {
    record_id: id,
    ...(spec.status !== null && { status: said(entity[spec.status]) }),
    refs: named(spec.refs),
    custom: named(spec.custom),
    changed_at: changed,
    fields,
  }
}

/** A price is in the accounting currency of its company; one whose currency nobody told is none. */
function priced(fields: Record<string, unknown>, currency: string | undefined): void {
  if (currency === undefined) delete fields['price']
  else fields['currency'] = currency
}

function currencyOf(currencies: Readonly<Record<string, string>>, company: string): string | undefined {
  const found = Object.entries(currencies).find(([name]) => name.toLowerCase() === company.toLowerCase())
  return found?.[1]
}

function canonical(spec: EntitySpec, field: string, company: string, value: unknown): string | null {
  const text = said(value)
  const { type } = fieldOf(spec.kind, field)
  // Blocked for invoices, payments or everything: each is a hold.
  if (type === 'bool') return String(text !== null && text !== 'No')
  if (text === null) return null
  if (type === 'reference') return idIn(company, [text])
  if (type === 'date') return text.slice(0, 10)
  return spec.kind === 'credit' && type === 'money' ? text.replace(/^-/, '') : text
}
