/**
 * Tie-safe cursors: a place in a stream that is ordered by (stamp, id), and how far back the next run reads again.
 *
 * Two things lose rows with naive cursors. Many rows share one stamp across a page edge: so the place is a stamp *and*
 * an id. A row committed late carries a stamp that was already passed: so each run starts again where the run before
 * started, minus the platform's lag; rows that are read twice collapse by their version hash.
 */
import type { Cursor } from './contract.ts'

export interface Position {
  /** Epoch ms on the platform's clock. */
  stamp: number
  id: string
}

/** What one run reads. Made by `openWindow`, carried by its cursors. */
export interface Window {
  /** Read changes with a stamp at or after this; null: from the beginning. */
  since: number | null
  /** Inside an unfinished run: go on strictly after this place in (stamp, id) order. Takes precedence over `since`. */
  after: Position | null
  /** The platform's clock when the run began: changes up to here minus the lag are surely read at its end. */
  began: number
  lagMs: number
}

/**
 * @param platformNow the platform's own clock (its Date header, `platformClock`), never ours: a host that runs ahead
 *   would skip what the platform has yet to write
 * @param resolutionMs resolution of the platform's stamps; `since` is rounded down to it
 */
export function openWindow(cursor: Cursor, platformNow: number, lagMs: number, resolutionMs = 1): Window {
  const began = number(cursor?.['began'])
  const after = position(cursor)
  if (began === null) return { since: null, after: null, began: platformNow, lagMs }
  if (cursor?.['done'] !== true) return { since: after?.stamp ?? number(cursor?.['since']), after, began, lagMs }
  // The newest stamp seen guards against a platform clock that was read too far ahead.
  const from = Math.min(began, number(cursor['newest']) ?? began) - lagMs
  return { since: Math.floor(from / resolutionMs) * resolutionMs, after: null, began: platformNow, lagMs }
}

/** Resume point in the middle of a run: everything up to and including `last` has been yielded. */
export function pageCursor(window: Window, last: Position): Cursor {
  return { began: window.began, stamp: last.stamp, id: last.id, done: false }
}

/** Resume point at the end of a run. `last`: the newest place seen, null if the run yielded nothing. */
export function doneCursor(window: Window, last: Position | null): Cursor {
  const newest = last?.stamp ?? window.after?.stamp ?? window.since
  return { began: window.began, ...(newest !== null && { newest }), done: true }
}

/** All changes up to this instant are surely read once the run has ended. */
export function completeThrough(window: Window): number {
  return window.began - window.lagMs
}

/** For platforms that can only ask for `stamp >= x`: drops the rows at or before the place that was already yielded. */
export function afterPosition<Row>(rows: Row[], after: Position | null, of: (row: Row) => Position): Row[] {
  return after === null ? rows : rows.filter((row) => compare(of(row), after) > 0)
}

/** The greatest place of a page, in (stamp, id) order; null for none. */
export function lastOf<Row>(rows: readonly Row[], of: (row: Row) => Position): Position | null {
  let last: Position | null = null
  for (const row of rows) {
    const here = of(row)
    if (last === null || compare(here, last) > 0) last = here
  }
  return last
}

/** The platform's clock by the Date header of a reply, ours where it sends none. */
export function platformClock(reply: { headers: Record<string, string> }, ours: number): number {
  const theirs = Date.parse(reply.headers['date'] ?? '')
  return Number.isFinite(theirs) ? theirs : ours
}

/** Ids compare by code unit, as platforms that sort ids bytewise do. */
function compare(a: Position, b: Position): number {
  return a.stamp - b.stamp || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
}

function position(cursor: Cursor): Position | null {
  const stamp = number(cursor?.['stamp'])
  const id = cursor?.['id']
  return stamp !== null && typeof id === 'string' ? { stamp, id } : null
}

function number(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}
