/** The record API's own names: where each canonical field of a record type is written, and as what. */
import { fieldOf } from '../../model/kinds.ts'
import type { RecordSpec } from './spec.ts'

/**
 * `text`, `number` and `flag` are values, `id` a reference by internal id, `list` a reference whose id is looked up by its
 * text, `code` a reference whose id is the text itself.
 */
export type WrittenAs =
  'text' | 'number' | 'flag' | 'day' | 'moment' | 'id' | 'list' | 'code' | 'hold' | 'inactive' | 'person'

export interface Place {
  /** Name in the record API. */
  name: string
  as: WrittenAs
}

interface Writable {
  /** Record type in the path. */
  path: string
  places: Record<string, Place>
}

const at = (name: string, as: WrittenAs = 'text'): Place => ({ name, as })

const WRITABLE: Record<string, Writable> = {
  customer: {
    path: 'customer',
    places: {
      name: at('companyName'),
      email: at('email'),
      phone: at('phone'),
      domain: at('url'),
      tax_id: at('vatRegNumber'),
      parent: at('parent', 'id'),
      currency: at('currency', 'list'),
      payment_terms: at('terms', 'list'),
      credit_limit: at('creditLimit', 'number'),
      credit_hold: at('creditHoldOverride', 'hold'),
      language: at('language', 'code'),
      legal_entity: at('subsidiary', 'list'),
    },
  },
  contact: {
    path: 'contact',
    places: {
      name: at('lastName', 'person'),
      email: at('email'),
      phone: at('phone'),
      customer: at('company', 'id'),
      state: at('isInactive', 'inactive'),
    },
  },
  salesorder: {
    path: 'salesOrder',
    places: { number: at('tranId'), customer: at('entity', 'id'), ordered_at: at('tranDate', 'day') },
  },
  invoice: { path: 'invoice', places: { number: at('tranId'), due_on: at('dueDate', 'day') } },
  creditmemo: { path: 'creditMemo', places: { number: at('tranId'), reason: at('memo') } },
  customerpayment: { path: 'customerPayment', places: {} },
}

/** Path of the record type; null: the record API does not name it by one type (items), or it is no record (lines, postings). */
export function pathOf(spec: RecordSpec): string | null {
  return WRITABLE[spec.name]?.path ?? (spec.name.startsWith('customrecord') ? spec.name : null)
}

/** Lists whose ids are asked for by their text: table, and the column that shows it. */
export const LISTS: Record<string, { table: string; text: string }> = {
  currency: { table: 'currency', text: 'symbol' },
  terms: { table: 'term', text: 'name' },
  subsidiary: { table: 'subsidiary', text: 'name' },
}

/** Where a field is written; null: NetSuite computes it, or keeps it where this connector does not write. */
export function placeOf(spec: RecordSpec, field: string): Place | null {
  const source = spec.fields[field]
  // A column that the configuration names is a field of the record itself.
  if (typeof source === 'string' && /^cust(entity|body|record|item)/.test(source)) {
    const type = field === 'state' ? 'text' : fieldOf(spec.kind, field).type
    const as = (
      { date: 'day', instant: 'moment', bool: 'flag', money: 'number', number: 'number', reference: 'id' } as const
    )[type as 'date']
    return { name: source, as: isText(spec, source) ? 'text' : (as ?? 'text') }
  }
  const shipped = WRITABLE[spec.name]?.places[field]
  // A canonical field that comes from another column by configuration is not the shipped one any more.
  return shipped && source !== undefined ? shipped : null
}

/** A reference kept as text in a plain column is no list value. */
function isText(spec: RecordSpec, column: string): boolean {
  return !/^BUILTIN|^TO_CHAR/.test(spec.columns[column] ?? '') && /_subscription$|_id$/.test(column)
}

export function writableFields(spec: RecordSpec): string[] {
  const fields = Object.keys(spec.fields).filter((field) => placeOf(spec, field) !== null)
  return hasStatus(spec) ? ['state', ...fields.filter((f) => f !== 'state')] : fields
}

/** Sales orders have a status that may be written; what has marks can at least be given those. */
export function hasStatus(spec: RecordSpec): boolean {
  return spec.name === 'salesorder'
}
