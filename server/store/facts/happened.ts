/** Happened: landscape events (outages, releases, keys, mappings, schemas), for judges that look around a change. */
import { LANDSCAPE_EVENTS, type RecordedEvent } from '../../../model/event.ts'
import { events } from './events.ts'
import type { Facts } from './facts.ts'
import { tableOf } from './ident.ts'

/** Newest ones that are looked at; older ones explain nothing any more. */
const EVENTS_MAX = 5_000

export interface Happened {
  events: readonly RecordedEvent[]
  /** Revision under which the last of them was told; 0 before the first. */
  rev: bigint
}

export async function happened(facts: Facts): Promise<Happened> {
  const [last] = await facts.query<{ rev: string }>(
    `select max(rev) as rev from ${tableOf(facts, 'events')} where type in {types:Array(String)}`,
    { types: [...LANDSCAPE_EVENTS] },
  )
  const rev = BigInt(last?.rev ?? '0')
  return { events: rev > 0n ? await events(facts, { types: LANDSCAPE_EVENTS }, EVENTS_MAX) : [], rev }
}
