/** Unreadable rows over their term: those that could be read since. What still waits in quarantine stays. */
import type { Facts } from '../facts.ts'
import { tableOf } from '../ident.ts'
import { BEFORE, neededOfAll, neededParams, remove, storedKinds, sumUp, type Needed, type Over } from './needed.ts'

const read = (facts: Facts) =>
  `(platform, stream, record_id, row_hash) in (select platform, stream, record_id, row_hash from ${tableOf(facts, 'quarantine')} final where state = 'resolved' and at ${BEFORE})`

const need = (facts: Facts, kinds: readonly string[]) => `(toString(kind), record_id) in (${neededOfAll(facts, kinds)})`

export async function unreadableOver(facts: Facts, cutoff: number, needed: Needed): Promise<Over> {
  const kinds = await storedKinds(facts)
  const rows = `select at, ${need(facts, kinds)} as is_needed from ${tableOf(facts, 'quarantine')} final where state = 'resolved' and at ${BEFORE}`
  return sumUp(facts, 'quarantine', rows, neededParams(needed, cutoff))
}

export async function removeUnreadable(facts: Facts, cutoff: number, needed: Needed): Promise<void> {
  const kinds = await storedKinds(facts)
  const params = neededParams(needed, cutoff)
  // What was replaced and is not merged yet goes first: else a row would come back as waiting.
  await remove(facts, 'quarantine', `state = 'open' and ${read(facts)}`, params)
  await remove(facts, 'quarantine', `state = 'resolved' and at ${BEFORE} and not ${need(facts, kinds)}`, params)
}
