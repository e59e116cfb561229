/** Profile of a file: what its columns hold, from a sample of rows. */
import { READ } from '../../model/read.ts'
import type { FieldTypeName } from '../../model/fields.ts'
import { domainKey } from '../../model/types/domain.ts'
import { emailKey } from '../../model/types/email.ts'
import { isCurrency } from '../../model/types/currencies.ts'

export interface ColumnProfile {
  column: string
  /** Cells looked at, cells with a value, and different values among them. */
  rows: number
  filled: number
  distinct: number
  sample: readonly string[]
  /** Shares of the filled cells that look like each type, 0 to 1. */
  looks: Partial<Record<FieldTypeName, number>>
  /** Every filled value of the sample: what references are recognised by. */
  values: ReadonlySet<string>
}

export type Cells = Record<string, unknown>

/** Rows that a profile looks at. */
export const SAMPLE_ROWS = 5_000
const TYPED = 200

const asText = (cell: unknown): string =>
  cell === null || cell === undefined || typeof cell === 'object'
    ? ''
    : String(cell as string | number | boolean).trim()

export function profileOf(columns: readonly string[], rows: readonly Cells[]): ColumnProfile[] {
  return columns
    .filter((c) => c !== '')
    .map((column) => {
      const filled = rows.map((r) => asText(r[column])).filter((v) => v !== '')
      const values = new Set(filled)
      const some = [...values].slice(0, TYPED)
      return {
        column,
        rows: rows.length,
        filled: filled.length,
        distinct: values.size,
        sample: some.slice(0, 5),
        looks: looksOf(some),
        values,
      }
    })
}

/** Tests that tell a type from plain words; a type that anything passes tells nothing. */
const TELLS: Partial<Record<FieldTypeName, (text: string) => boolean>> = {
  email: (t) => t.includes('@') && emailKey(t) !== null,
  domain: (t) => !t.includes('@') && /[a-z]/i.test(t) && t.includes('.') && !t.includes(' ') && domainKey(t) !== null,
  phone: (t) => /^[+(0][\d\s()+./–-]{5,}$/.test(t) && t.replace(/\D/g, '').length >= 6,
  tax_id: (t) => /^[A-Z]{2}[\s.-]?[A-Z0-9][\s.A-Z0-9-]{5,15}$/i.test(t) && (t.match(/\d/g)?.length ?? 0) >= 5,
  country: (t) => readable('country', t) && (t.length > 2 || /^[A-Z]{2}$/.test(t)),
  currency: (t) => isCurrency(t.toUpperCase()) || /^[€$£]$/.test(t),
  date: (t) => readable('date', t) && /\d{4}/.test(t) && /[-./ ]/.test(t),
  money: (t) => readable('number', t) && !/^0\d/.test(t),
  bool: (t) => /^(true|false|yes|no|ja|nein|0|1|x)$/i.test(t),
  payment_terms: (t) => readable('payment_terms', t) && /[a-z]/i.test(t),
}

function readable(type: FieldTypeName, text: string): boolean {
  const field = { name: 'x', label: 'x', type, group: 'x', about: '', sensitivity: 'plain', bit: 0 } as const
  try {
    return READ[type](text, { field, timezone: 'UTC', country: null, currency: 'EUR', map: null }).is === 'value'
  } catch {
    return false
  }
}

function looksOf(values: readonly string[]): ColumnProfile['looks'] {
  if (values.length === 0) return {}
  const shares = Object.entries(TELLS).map(
    ([type, tells]) => [type, values.filter(tells).length / values.length] as const,
  )
  return Object.fromEntries(shares.filter(([, share]) => share > 0))
}
