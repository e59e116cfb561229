/** The data of a report as a table: one row a finding, the same columns in every file format. */
import { parquetWriteBuffer } from 'hyparquet-writer'
import type { ReportRow } from '../store/facts/report-rows.ts'
import { seen } from './escape.ts'
import { xlsx } from './xlsx.ts'

export interface TableColumn {
  name: string
  type: 'text' | 'number' | 'instant'
  of(row: ReportRow): string | null
}

const values = (all: Record<string, string | null>) =>
  Object.entries(all)
    .map(([platform, value]) => `${platform}: ${value ?? '–'}`)
    .join('; ') || null
const text = (name: string, of: TableColumn['of']): TableColumn => ({ name, type: 'text', of })

export const COLUMNS: readonly TableColumn[] = [
  text('issue', (r) => `I-${r.issue}`),
  text('finding', (r) => r.id),
  text('state', (r) => r.state),
  text('severity', (r) => r.severity),
  text('title', (r) => r.title),
  text('customer', (r) => r.customer),
  text('kind', (r) => r.kind),
  text('field', (r) => r.field),
  text('owner_platform', (r) => r.owner_platform),
  text('platform', (r) => r.platform),
  text('expected', (r) => values(r.expected)),
  text('actual', (r) => values(r.actual)),
  text('cause', (r) => r.cause),
  { name: 'amount_at_risk', type: 'number', of: (r) => r.amount_at_risk },
  text('currency', (r) => r.currency),
  text('amount_basis', (r) => r.amount_basis),
  text('team', (r) => r.team || null),
  text('check', (r) => r.check),
  { name: 'first_seen_at', type: 'instant', of: (r) => r.first_seen_at },
  { name: 'resolved_at', type: 'instant', of: (r) => r.resolved_at },
]

export const TYPE = {
  csv: 'text/csv; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  parquet: 'application/vnd.apache.parquet',
} as const
export type TableFormat = keyof typeof TYPE

export function tableFile(rows: readonly ReportRow[], format: TableFormat): Uint8Array {
  if (format === 'xlsx') return xlsx(COLUMNS, rows)
  return format === 'csv' ? new TextEncoder().encode(csv(rows)) : parquet(rows)
}

/** Spreadsheets run cells that begin like a formula: such cells get an apostrophe. The byte-order mark says UTF-8. */
function csv(rows: readonly ReportRow[]): string {
  const line = (cells: readonly (string | null)[]) => `${cells.map(cell).join(',')}\r\n`
  return `\ufeff${line(COLUMNS.map((c) => c.name))}${rows.map((r) => line(COLUMNS.map((c) => c.of(r)))).join('')}`
}

function cell(value: string | null): string {
  if (value === null) return ''
  const plain = value.replaceAll('\0', '')
  const guarded =
    /^[=+\-@\t\r\n＝＋－＠]/.test(seen(plain).trimStart()) && !/^[+-]?\d+(\.\d+)?$/.test(plain) ? `'${plain}` : plain
  return `"${guarded.replaceAll('"', '""')}"`
}

/** Decimals stay text: a double would lose digits of them. */
function parquet(rows: readonly ReportRow[]): Uint8Array {
  const columnData = COLUMNS.map((c) => ({ name: c.name, type: 'STRING' as const, data: rows.map((r) => c.of(r)) }))
  return new Uint8Array(parquetWriteBuffer({ columnData }))
}
