/** SOQL texts: what is asked, in which order, and how values are written into it. */
import type { Position, Window } from '../cursor.ts'

/** In every query, whatever else is asked for: paging, deletions and evidence need them. */
export const ALWAYS = ['Id', 'SystemModstamp', 'CreatedDate', 'IsDeleted', 'LastModifiedBy.Username']
/** Only where the object has it. */
export const MERGE = 'MasterRecordId'

export function text(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

/** Date-times are written bare, in UTC. */
export function instant(ms: number): string {
  return new Date(ms).toISOString()
}

export function select(
  object: string,
  fields: readonly string[],
  conditions: readonly (string | null)[],
  tail = '',
): string {
  const where = conditions.filter((c): c is string => c !== null).map((c) => `(${c})`)
  return [`SELECT ${fields.join(', ')} FROM ${object}`, where.length ? `WHERE ${where.join(' AND ')}` : '', tail]
    .filter(Boolean)
    .join(' ')
}

/** Rows of the window that were not read yet, whatever shares their stamp. */
export function changedAfter(window: Window, last: Position | null): string | null {
  const after = last ?? window.after
  if (after) {
    const stamp = instant(after.stamp)
    return `SystemModstamp > ${stamp} OR (SystemModstamp = ${stamp} AND Id > ${text(after.id)})`
  }
  return window.since === null ? null : `SystemModstamp >= ${instant(window.since)}`
}

const SUFFIX = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345'

/** Ids come in 15 case-sensitive characters or in 18 that survive systems without case; only the long form is kept. */
export function id18(id: string): string {
  if (!/^[A-Za-z0-9]{15}$/.test(id)) return id
  let suffix = ''
  for (let block = 0; block < 3; block++) {
    let bits = 0
    for (let i = 0; i < 5; i++) if (/[A-Z]/.test(id[block * 5 + i]!)) bits |= 1 << i
    suffix += SUFFIX[bits]
  }
  return id + suffix
}

/** `2026-05-01T07:25:37.000+0000`, as the API writes it; null when it is no such thing. */
export function stampMs(value: unknown): number | null {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:?\d\d|Z)$/.test(value))
    return null
  const ms = Date.parse(value.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'))
  return Number.isFinite(ms) ? ms : null
}
