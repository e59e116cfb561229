/**
 * Encoded queries: conditions joined by `^`, alternatives by `^NQ`, which begins a query of its own. Columns that do not exist
 * are left out of a query without a word, so what comes back is held against what was asked (list.ts).
 */
import type { Position, Window } from '../cursor.ts'
import { stampText } from './rows.ts'

export const BY_CHANGE = '^ORDERBYsys_updated_on^ORDERBYsys_id'
export const BY_ID = '^ORDERBYsys_id'

/** Each alternative with the conditions that hold for all of them. */
export function encoded(alternatives: readonly string[], where: string | null, order: string): string {
  const parts = (alternatives.length === 0 ? [''] : alternatives).map((one) =>
    [one, where ?? ''].filter((part) => part !== '').join('^'),
  )
  const query = parts.join('^NQ')
  return query === '' ? order.slice(1) : query + order
}

/** Rows of the window that were not read yet, whatever shares their stamp. */
export function changedAfter(window: Pick<Window, 'since' | 'after'>, last: Position | null): string[] {
  const after = last ?? window.after
  if (after) {
    const stamp = stampText(after.stamp)
    return [`sys_updated_on>${stamp}`, `sys_updated_on=${stamp}^sys_id>${after.id}`]
  }
  return window.since === null ? [] : [`sys_updated_on>=${stampText(window.since)}`]
}
