/** The shelf: what was read last of every record that a large plan is about, with its copies elsewhere, read once. */
import { hasKind } from '../../model/kinds.ts'
import type { Facts } from '../store/facts/facts.ts'
import { heldNamed, heldOfEntities, type HeldRecord } from '../store/facts/held-records.ts'
import { aim, type Wish } from './wish.ts'

/** Kind → entity → its records on all platforms. */
export type Shelf = Map<string, Map<string, HeldRecord[]>>

export interface Stored {
  shelf: Shelf
  /** By `nameOf`. */
  named: Map<string, HeldRecord>
}

export const nameOf = (platform: string, kind: string, id: string | null) => `${platform} ${kind} ${id ?? ''}`

/** What ownership depends on, and what every item says of itself. */
export const ALWAYS = ['state', 'legal_entity', 'region', 'brand', 'currency']

export async function storedRecords(facts: Facts, wishes: readonly Wish[]): Promise<Stored> {
  const stored: Stored = { shelf: new Map(), named: new Map() }
  for (const [kind, of] of byKind(wishes)) {
    if (!hasKind(kind)) continue
    const fields = new Set(ALWAYS)
    for (const w of of) {
      for (const name of Object.keys(aim(w))) fields.add(name)
      for (const name of Object.keys(w.expect ?? {})) fields.add(name)
    }
    const records = await heldOfEntities(facts, kind, [...new Set(of.map((w) => w.entity))], fields)
    stored.shelf.set(kind, inEntities(records))
    for (const r of records) stored.named.set(nameOf(r.platform, kind, r.record_id), r)
    // By hand a record may be named whose entity nobody looked up.
    const rest = of.filter((w) => w.recordId !== null && !stored.named.has(nameOf(w.platform, kind, w.recordId)))
    const subjects = rest.map((w) => ({ platform: w.platform, kind, record_id: w.recordId! }))
    for (const r of await heldNamed(facts, kind, subjects, fields))
      stored.named.set(nameOf(r.platform, kind, r.record_id), r)
  }
  return stored
}

export function inEntities(records: readonly HeldRecord[]): Map<string, HeldRecord[]> {
  const entities = new Map<string, HeldRecord[]>()
  for (const r of records) {
    const list = entities.get(r.entity_id)
    if (list) list.push(r)
    else entities.set(r.entity_id, [r])
  }
  return entities
}

function byKind(wishes: readonly Wish[]): Map<string, Wish[]> {
  const found = new Map<string, Wish[]>()
  for (const w of wishes) {
    const list = found.get(w.kind)
    if (list) list.push(w)
    else found.set(w.kind, [w])
  }
  return found
}
