/** Put aside: deliveries that cannot be read yet, in quarantine with their bytes, and their way back. */
import type { ControlStore } from '../store/control/control.ts'
import type { Facts } from '../store/facts/facts.ts'
import { quarantine, type Quarantined } from '../store/facts/quarantine.ts'
import { encodeRecord, scan } from '../store/spool/record.ts'
import type { Spool } from '../store/spool/spool.ts'
import type { KeptHeader } from './kept.ts'

/** Name of the quarantine's entries among those of the streams; record ids are the hashes of the bodies. */
export const ASIDE = 'deliveries'

/** Deliveries brought back at once. */
const REPLAY_MAX = 500

export interface Aside {
  platform: string
  at: string
  reason: string
  field?: string
  place: string
  bytes: Buffer
  /** Hash of the body; with the header: it can be brought back. */
  id?: string
  header?: KeptHeader
}

/** Known by its body: the same delivery put aside again is the same entry. */
export function asideOf({ platform, at, reason, field, place, bytes, id = '', header }: Aside): Quarantined {
  return {
    platform,
    stream: ASIDE,
    kind: '',
    record_id: id,
    ...(id !== '' && { row_hash: BigInt(`0x${id.slice(0, 16)}`).toString() }),
    at,
    field: field || null,
    reason,
    place,
    raw_base64: (header ? encodeRecord(header, bytes) : bytes).toString('base64'),
  }
}

/**
 * Puts what is aside back at the end of the spool: it is read with today's configuration, and what was read before of the
 * same delivery is known. What still cannot be read is put aside again.
 * @returns how many came back
 */
export async function replay(
  { facts, clock }: { facts: Facts; control: ControlStore; clock: { now(): number } },
  spool: Spool,
  wanted: { platform: string; ids?: readonly string[] },
): Promise<number> {
  const rows = await quarantine(facts, { platform: wanted.platform, stream: ASIDE, state: 'open' }, REPLAY_MAX)
  let n = 0
  for (const row of rows) {
    if (wanted.ids && !wanted.ids.includes(row.record_id)) continue
    const [kept] = scan(Buffer.from(row.raw_base64, 'base64'))
    if (kept?.what !== 'record') continue
    const { came, at } = kept.header as KeptHeader
    await spool.append({ ...kept.header, came: came ?? at, at: clock.now(), replayed: true }, kept.body)
    n++
  }
  return n
}
