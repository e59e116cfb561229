/**
 * Versions over their term: replaced before the cutoff. The last one of each record that was seen before it stays, so
 * that everything since the cutoff can be told exactly as before; so does every version of a record that is needed.
 */
import { versionsTable } from '../columns.ts'
import type { Facts } from '../facts.ts'
import { tableOf } from '../ident.ts'
import {
  added,
  BEFORE,
  neededParams,
  neededRecords,
  remove,
  storedKinds,
  sumUp,
  type Needed,
  type Over,
} from './needed.ts'

/** Asked anew part by part while rows go: the last version of a record before the cutoff is never among them. */
function replaced(facts: Facts, kind: string): string {
  const last = `select platform, record_id, max(seq) as seq from ${tableOf(facts, versionsTable(kind))} where observed_at ${BEFORE} group by platform, record_id having count() > 1`
  return `observed_at ${BEFORE} and (platform, record_id) in (select platform, record_id from (${last})) and (platform, record_id, seq) not in (${last})`
}

export async function versionsOver(facts: Facts, cutoff: number, needed: Needed): Promise<Over> {
  const all: Over[] = []
  for (const kind of await storedKinds(facts)) all.push(await overOf(facts, kind, cutoff, needed))
  return added(all)
}

function overOf(facts: Facts, kind: string, cutoff: number, needed: Needed): Promise<Over> {
  const table = versionsTable(kind)
  const rows = `select observed_at as at, (platform, record_id) in (${neededRecords(facts, kind)}) as is_needed from ${tableOf(facts, table)} where ${replaced(facts, kind)}`
  return sumUp(facts, table, rows, neededParams(needed, cutoff))
}

export async function removeVersions(facts: Facts, cutoff: number, needed: Needed): Promise<void> {
  for (const kind of await storedKinds(facts)) {
    if ((await overOf(facts, kind, cutoff, needed)).rows === 0) continue
    const stays = `(platform, record_id) not in (${neededRecords(facts, kind)})`
    await remove(facts, versionsTable(kind), `${replaced(facts, kind)} and ${stays}`, neededParams(needed, cutoff))
  }
}
