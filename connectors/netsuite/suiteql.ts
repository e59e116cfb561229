/** SuiteQL texts: what is asked of a record type, in which order, and from which place on. */
import { nextSecond, STAMP_FORMAT } from './account-time.ts'
import type { RecordSpec } from './spec.ts'

/** Columns of every query beside those of the record type: the key, and the two stamps. */
export const KEY = 'id'
export const CHANGED = 'lastmodified'
export const CREATED = 'created'
/** Put into rows as they are read: the stamp of the last change in UTC, which only the moment of reading can tell. */
export const CHANGED_UTC = 'lastmodified_utc'

export interface Asked {
  /** Alias → expression, without those that this account does not have. */
  columns: Record<string, string>
  from: string
}

/** @param without names of columns and tables that the account refused to know */
export function asked(spec: RecordSpec, without: ReadonlySet<string>): Asked {
  const stamp = (expression: string) => `TO_CHAR(${expression}, '${STAMP_FORMAT}')`
  const dropped = new Set<string>()
  const joins: string[] = []
  for (const join of spec.joins ?? []) {
    const lost =
      !join.required &&
      (without.has(join.table) ||
        [...dropped].some((alias) => mentions(join.on, alias)) ||
        [...without].some((name) => mentions(join.on, name)))
    if (lost) dropped.add(join.alias)
    else joins.push(`${join.required ? 'INNER' : 'LEFT'} JOIN ${join.table} ${join.alias} ON ${join.on}`)
  }
  const gone = (expression: string) =>
    [...without].some((name) => mentions(expression, name)) ||
    [...dropped].some((alias) => expression.includes(`${alias}.`) && mentions(expression, alias))
  const columns: Record<string, string> = { [KEY]: spec.id, [CHANGED]: stamp(spec.changed) }
  if (spec.created && !gone(spec.created)) columns[CREATED] = stamp(spec.created)
  for (const [alias, expression] of Object.entries(spec.columns)) if (!gone(expression)) columns[alias] = expression
  return { columns, from: [`${spec.table} ${spec.alias}`, ...joins].join(' ') }
}

/** Whole names only: `status` is not in `entitystatus`. */
function mentions(expression: string, name: string): boolean {
  return new RegExp(`\\b${name}\\b`, 'i').test(expression)
}

export function select(
  { columns, from }: Asked,
  conditions: readonly (string | null)[],
  order?: readonly string[],
): string {
  const list = Object.entries(columns).map(([alias, expression]) => `${expression} AS ${alias}`)
  const where = conditions.filter((c): c is string => c !== null)
  return [
    `SELECT ${list.join(', ')} FROM ${from}`,
    where.length ? `WHERE ${where.join(' AND ')}` : '',
    order ? `ORDER BY ${order.join(', ')}` : '',
  ]
    .filter(Boolean)
    .join(' ')
}

export function moment(stamp: string): string {
  return `TO_DATE('${stamp}', '${STAMP_FORMAT}')`
}

/**
 * Strictly after a place. Stamps are compared by the second that they fall in: should the account keep fractions,
 * `= second` would find nothing.
 */
export function after(spec: RecordSpec, stamp: string, id: string): string {
  return `${spec.changed} >= ${moment(stamp)} AND (${spec.changed} >= ${moment(nextSecond(stamp))} OR ${spec.id} > ${number(id)})`
}

/** Ids are numbers; anything else must not reach a query. @throws RangeError */
export function number(id: string): string {
  if (!/^\d{1,20}$/.test(id)) throw new RangeError('a NetSuite id is a whole number')
  return id
}

export function isId(id: unknown): id is string {
  return typeof id === 'string' && /^\d{1,20}$/.test(id)
}
