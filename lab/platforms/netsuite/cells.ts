/** Cells of the simulated account: list values and moments, how they compare, and how they are written. */

export type Cell = string | null | Shown | Moment
export type Line = Record<string, Cell>

/** A list value: its code, and the text that people see. */
export class Shown {
  readonly code: string
  readonly text: string
  constructor(code: string, text: string) {
    this.code = code
    this.text = text
  }
}

/** A date or date-time on the wall clock of the account, `YYYY-MM-DD HH:MM:SS`. */
export class Moment {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** A table; `by` finds rows by one column without making them all. */
export interface Table {
  columns: ReadonlySet<string>
  rows(): Line[]
  by?(column: string, value: string): Line[] | undefined
}

/** What the account says about a query that it does not accept. */
export class BadQuery extends Error {}

export type Value = Cell | number

/** Numbers compare as numbers of any length, everything else as text. */
export function order(a: string, b: string): number {
  if (/^\d+$/.test(a) && /^\d+$/.test(b)) return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0)
  return a < b ? -1 : a > b ? 1 : 0
}

export function plain(value: Value): string | null {
  if (value === null) return null
  if (value instanceof Shown) return value.code
  return value instanceof Moment ? value.text : String(value)
}

export const shownText = (value: Value) =>
  value instanceof Shown ? value.text : value instanceof Moment ? american(value) : value

/** Dates that nobody formats come in the user's own format, and without the time. */
export const american = ({ text }: Moment) =>
  `${Number(text.slice(5, 7))}/${Number(text.slice(8, 10))}/${text.slice(0, 4)}`

export function formatted(value: Value, format: string | undefined): Value {
  if (!(value instanceof Moment)) return value
  const length = { 'YYYY-MM-DD HH24:MI:SS': 19, 'YYYY-MM-DD': 10, 'YYYY-MM': 7 }[format ?? '']
  if (!length) throw new BadQuery(`Invalid search query. Format '${format}' is not supported.`)
  return value.text.slice(0, length)
}

export function total(values: (string | null)[]): string | null {
  let units = 0n
  let any = false
  for (const value of values) {
    if (value === null) continue
    any = true
    const [whole = '0', fraction = ''] = value.replace('-', '').split('.')
    const scaled = BigInt(whole + fraction.padEnd(9, '0').slice(0, 9))
    units += value.startsWith('-') ? -scaled : scaled
  }
  if (!any) return null
  const digits = (units < 0n ? -units : units).toString().padStart(10, '0')
  return `${units < 0n ? '-' : ''}${digits.slice(0, -9)}.${digits.slice(-9)}`.replace(/\.?0+$/, '')
}
