/** The journal as the writer uses it: every move of an item through the table of moves, with its intent, in one transaction. */
import type { ControlStore } from '../store/control/control.ts'
import type { IntentRow, PlanItemRow } from '../store/control/remedy-rows.ts'
import type { ItemResult } from './item.ts'
import { itemAfter, type ItemMove, type ItemState } from './item-state.ts'

/** What becomes of the claim with each move that ends or parks it. */
const INTENT: Partial<Record<ItemMove, IntentRow['state'] | 'released'>> = {
  release: 'released',
  skip: 'released',
  unsent: 'released',
  lost: 'unknown',
  accepted: 'settled',
  conflicted: 'settled',
  refused: 'settled',
  found_done: 'settled',
  found_undone: 'settled',
  found_unclear: 'settled',
}

/** Makes the move; the state the item is in now, or null if it was no longer where it was thought to be. */
export function moveItem(
  control: ControlStore,
  row: Pick<PlanItemRow, 'plan' | 'seq' | 'state'>,
  move: Exclude<ItemMove, 'claim' | 'send'>,
  at: number,
  result?: ItemResult,
): ItemState | null {
  const to = itemAfter(row.state as ItemState, move)
  if (to === null) return null
  const text = result === undefined ? null : JSON.stringify(result)
  const intent = INTENT[move]
  const moved = intent
    ? control.settleItem(row.plan, row.seq, { from: row.state, to, intent, at, result: text })
    : control.moveItem(row.plan, row.seq, [row.state], to, at, text)
  return moved ? to : null
}
