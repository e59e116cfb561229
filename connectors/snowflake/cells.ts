/** Cells as Snowflake sends them → text without loss. Times come as numbers since 1970, or in the form that we ask for. */
import type { Column } from '../warehouse.ts'

export interface RowType {
  name: string
  type: string
  scale?: number | null
}

const TIMES: Record<string, Column['time']> = {
  TIMESTAMP_LTZ: 'instant',
  TIMESTAMP_TZ: 'instant',
  TIMESTAMP_NTZ: 'local',
  DATE: 'day',
}

export function columnOf({ name, type, scale }: RowType): Column {
  const plain = type.toUpperCase()
  return { name, type: typeOf(plain, scale ?? 0), time: TIMES[plain] ?? null }
}

/** The type that a parameter is cast to. */
function typeOf(type: string, scale: number): string {
  if (type === 'FIXED') return `NUMBER(38, ${scale})`
  if (type.startsWith('TIMESTAMP_')) return `${type}(9)`
  return type === 'REAL' ? 'DOUBLE' : type
}

/** Forms of times for results that come written out. */
export const OUTPUT = {
  timezone: 'UTC',
  date_output_format: 'YYYY-MM-DD',
  timestamp_ntz_output_format: 'YYYY-MM-DD"T"HH24:MI:SS.FF9',
  timestamp_ltz_output_format: 'YYYY-MM-DD"T"HH24:MI:SS.FF9TZH:TZM',
  timestamp_tz_output_format: 'YYYY-MM-DD"T"HH24:MI:SS.FF9TZH:TZM',
}

const SINCE_1970 = /^(-?\d+)(?:\.(\d{1,9}))?(?: (\d+))?$/

export function written(cell: string | null, { time }: Column): string | null {
  if (cell === null || time === null) return cell
  const [, whole, fraction = ''] = SINCE_1970.exec(cell) ?? []
  if (whole === undefined) return cell.replace(' ', 'T').replace(/\+00:?00$/, 'Z')
  if (time === 'day') return new Date(Number(whole) * 86_400_000).toISOString().slice(0, 10)
  // Before 1970 the fraction counts on from the whole second below it.
  const back = whole.startsWith('-') && Number(fraction) > 0
  const seconds = Number(whole) - (back ? 1 : 0)
  const digits = back ? String(10 ** 9 - Number(fraction.padEnd(9, '0'))).padStart(9, '0') : fraction
  const fine = digits.replace(/0+$/, '')
  const text = `${new Date(seconds * 1000).toISOString().slice(0, 19)}${fine === '' ? '' : `.${fine}`}`
  // A stamp with a zone of its own says the same instant; the zone is not kept.
  return time === 'local' ? text : `${text}Z`
}
