/** Sources: what a record type is, and the ways in which a canonical field is read from its columns. */
import { abs, format, subtract } from '../../model/decimal.ts'

/** One row of a query: column alias → text or null. An alias that is not in it was not asked for. */
export type Row = Record<string, unknown>

export type Source = string | { constant: string } | { from: readonly string[]; read(row: Row): unknown }

/** What is asked beside the query itself, for a whole page at once. */
export type Companion = 'tax' | 'applied'

export interface Join {
  alias: string
  table: string
  on: string
  /** The query makes no sense without it. */
  required?: boolean
}

export interface Shipped {
  kind: string
  byDefault: boolean
  table: string
  /** Alias of the table; columns of the configuration are its columns. */
  alias: string
  joins?: readonly Join[]
  where?: readonly string[]
  id: string
  changed: string
  created?: string
  /** Alias → expression. */
  columns: Record<string, string>
  fields: Record<string, Source>
  status?: { from: string; read(row: Row): string | null }
  marks?: Record<string, string>
  changedBy?: string
  companions?: readonly Companion[]
  /** How `deletedrecord` names it; none: only the sweep finds out. */
  tombstones?: readonly string[]
}

export const shown = (expression: string) => `BUILTIN.DF(${expression})`
export const day = (expression: string) => `TO_CHAR(${expression}, 'YYYY-MM-DD')`
export const flag = (column: string): Source => ({
  from: [column],
  read: (row) => (row[column] === 'T' ? 'true' : row[column] === 'F' ? 'false' : row[column]),
})
export const positive = (column: string): Source => ({ from: [column], read: (row) => magnitude(row[column]) })
export const activity = (gone: string): Source => ({
  from: ['isinactive'],
  read: (row) => (row['isinactive'] === 'T' ? gone : 'active'),
})

/** Amounts are signed by their side of the ledger; what a document is worth is not. */
function magnitude(value: unknown): unknown {
  return isDecimal(value) ? format(abs(value)) : value
}

/** Lines of sales carry the opposite sign of what the document shows. */
export const ofSale = (column: string): Source => ({
  from: [column, 'type'],
  read: (row) =>
    isDecimal(row[column]) && row['type'] !== 'CustCred' ? format(subtract('0', row[column])) : row[column],
})

function isDecimal(value: unknown): value is string {
  return typeof value === 'string' && /^[+-]?\d+(\.\d+)?$/.test(value)
}

export const address = (group: string, alias: string): Record<string, string> =>
  Object.fromEntries(
    ['addr1', 'addr2', 'city', 'state', 'zip', 'country'].map((part) => [`${group}_${part}`, `${alias}.${part}`]),
  )

export const addressFields = (field: string, group: string): Record<string, string> => ({
  [`${field}.line1`]: `${group}_addr1`,
  [`${field}.line2`]: `${group}_addr2`,
  [`${field}.city`]: `${group}_city`,
  [`${field}.region`]: `${group}_state`,
  [`${field}.postal_code`]: `${group}_zip`,
  [`${field}.country`]: `${group}_country`,
})

export const currencyOf = (alias: string): Join => ({ alias: 'cu', table: 'currency', on: `cu.id = ${alias}.currency` })

/**
 * Reference to the document that this one was made from, if that is of the wanted type.
 * @param usually take it too where the other document, and so its type, cannot be seen
 */
export const madeFrom = (type: string, usually = false): Source => ({
  from: ['createdfrom', 'createdfromtype'],
  read({ createdfrom, createdfromtype }) {
    return createdfromtype === type || (usually && createdfromtype === null) ? createdfrom : null
  },
})

/** The one invoice that a payment or credit is applied to; several cannot be told in one field. */
export const appliedTo: Source = {
  from: ['applied'],
  read(row) {
    const all = row['applied'] as string[]
    return all.length === 1 ? all[0] : null
  },
}

/** What a document is worth without its tax; empty where the tax cannot be read, never the gross amount. */
export const NET: Source = {
  from: ['foreigntotal', 'tax'],
  read({ foreigntotal, tax }) {
    if (tax === null) return foreigntotal
    return isDecimal(foreigntotal) && isDecimal(tax) ? format(subtract(foreigntotal, tax)) : null
  },
}

/** The closing day is that of the payment only while the invoice is paid in full. */
export const PAID_AT: Source = {
  from: ['closedate', 'status'],
  read: (row) => (/(^|:)B$/.test(String(row['status'])) ? row['closedate'] : null),
}

export function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

/** Every column that a source reads. */
export function columnsOf(source: Source): readonly string[] {
  if (typeof source === 'string') return [source]
  return 'constant' in source ? [] : source.from
}
