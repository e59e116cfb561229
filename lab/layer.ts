/** Layer: in which part of the landscape a planted fault really lies. What a trace says is held against it. */
import type { Layer } from '../model/trace.ts'
import type { Cause } from '../model/verdict.ts'
import type { Fault } from './truth.ts'

/**
 * By how faults are planted: the bus never sends, or swaps two; a delivery is lost between bus and platform; a platform
 * refuses, leaves out, deletes, or a person there writes over. What is not here is not about a change on its way.
 */
const PLANTED: Partial<Record<Cause, Layer>> = {
  never_sent: 'orchestration',
  stale_event: 'orchestration',
  not_acknowledged: 'connector',
  not_applied: 'platform',
  overwritten: 'platform',
  non_owner_write: 'platform',
  deleted: 'platform',
  merged: 'platform',
  // Written at the follower by hand.
  unmapped_code: 'platform',
}

/** Null: the fault is not about a change on its way. */
export function layerOf(fault: Pick<Fault, 'cause' | 'category'>): Layer | null {
  if (fault.cause === null || (fault.category !== 'mismatch' && fault.category !== 'missing')) return null
  return PLANTED[fault.cause] ?? null
}

/** How often the trace named the layer of the faults that were found and traced. */
export interface LayerRow {
  layer: Layer
  known: number
  right: number
  instead: Record<string, number>
}

/** Counts one fault: the layers that traces of its findings named. Returns the true layer where any of them is wrong. */
export function countLayer(rows: LayerRow[], fault: Fault, said: readonly Layer[]): Layer | null {
  const layer = layerOf(fault)
  if (layer === null || said.length === 0) return null
  let row = rows.find((r) => r.layer === layer)
  if (!row) rows.push((row = { layer, known: 0, right: 0, instead: {} }))
  row.known++
  const wrong = said.filter((s) => s !== layer)
  if (wrong.length === 0) row.right++
  for (const s of new Set(wrong)) row.instead[s] = (row.instead[s] ?? 0) + 1
  return wrong.length === 0 ? null : layer
}
