/**
 * The life of one item of a plan, as a table. A write is made on the way from `claimed` to `sending` and nowhere else, and
 * what was sent leads back to `claimed` only over `unknown` and a look that showed it undone. Pure.
 */
import type { Action } from '../../connectors/action.ts'

export const ITEM_STATES = [
  'pending', // not tried
  'claimed', // somebody works on it, nothing was sent
  'sending', // the write is on its way; found at start-up: nobody knows
  'unknown', // the answer was lost
  'sent', // the platform accepted it
  'verified', // the platform was read again and holds it
  'skipped', // moved on since it was planned, or as wanted already
  'conflict', // the platform refused: something newer is there
  'refused', // the platform will never accept this
  'not_held', // accepted, and yet the platform holds something else
  'unresolved', // the answer was lost and what is there does not tell: a person decides
  'blocked', // an earlier item of the same customer did not come true
] as const
export type ItemState = (typeof ITEM_STATES)[number]

export const ITEM_MOVES = {
  claim: { pending: 'claimed' },
  release: { claimed: 'pending' },
  skip: { claimed: 'skipped' },
  send: { claimed: 'sending' },
  accepted: { sending: 'sent' },
  conflicted: { sending: 'conflict' },
  refused: { sending: 'refused' },
  /** Nothing has left: the call budget or a missing token stopped it before the first byte. */
  unsent: { sending: 'pending' },
  lost: { sending: 'unknown' },
  found_done: { unknown: 'verified' },
  found_undone: { unknown: 'pending' },
  found_unclear: { unknown: 'unresolved' },
  holds: { sent: 'verified' },
  differs: { sent: 'not_held' },
  block: { pending: 'blocked' },
  unblock: { blocked: 'pending' },
} as const satisfies Record<string, Partial<Record<ItemState, ItemState>>>
export type ItemMove = keyof typeof ITEM_MOVES

/** The state after the move; null: there is no such move. */
export function itemAfter(state: ItemState, move: ItemMove): ItemState | null {
  return (ITEM_MOVES[move] as Partial<Record<ItemState, ItemState>>)[state] ?? null
}

/** It did what it should, or there was nothing to do. */
export const ITEM_WELL: ReadonlySet<ItemState> = new Set(['verified', 'skipped'])
/** It counts as a failure: towards the automatic stop, and for what a plan is called at its end. */
export const ITEM_FAILED: ReadonlySet<ItemState> = new Set(['conflict', 'refused', 'not_held', 'unresolved', 'blocked'])
/** The write was accepted or may have been: what an undo has to look at. */
export const ITEM_WRITTEN: ReadonlySet<ItemState> = new Set(['sent', 'verified', 'not_held'])

/** How long platforms remember an idempotency key; Stripe, which states it, says 24 h. An hour is left for clocks. */
const KEY_MS = 23 * 3_600_000
/** Attempts at one write. */
const ATTEMPTS = 3

/**
 * May a write whose answer was lost, and which a look shows undone, be sent again? Yes where the platform itself tells a
 * second arrival from a first: by the key (while it remembers it), by the id that an upsert goes by, or because the
 * first would fail on the mark that the second has moved (a version; stamps are too coarse for that). Otherwise never: the
 * first may still be under way.
 */
export function mayRepeat(
  action: Pick<Action, 'idempotency' | 'guard' | 'name'>,
  { attempt, sinceMs, marked }: { attempt: number; sinceMs: number; marked: boolean },
): boolean {
  if (attempt >= ATTEMPTS) return false
  if (action.idempotency === 'header') return sinceMs < KEY_MS
  if (action.idempotency === 'upsert') return true
  return action.guard === 'etag' && marked && action.name !== 'create'
}
