/** Matched keys: what a person said belongs together, as groups that match checks unite. */
import type { ControlStore } from '../control/control.ts'
import { numbered } from '../numbering.ts'
import type { Facts } from './facts.ts'
import { tableOf } from './ident.ts'

export interface MatchedKey {
  kind: string
  entity_id: string
}

interface Stores {
  facts: Facts
  control: ControlStore
  clock: { now(): number }
}

/**
 * Unites the groups that hang on these entities; the first is what findings are filed under. `allowance` is the
 * difference that was let pass. Everything united is touched, so that the next run looks at it again.
 */
export async function confirmKeys(
  stores: Stores,
  members: readonly MatchedKey[],
  allowance: string | null,
): Promise<void> {
  const [main] = members
  if (!main) return
  await write(
    stores,
    members.map((m) => ({ ...m, main_entity: main.entity_id, allowance, gone: 0 })),
  )
}

/** Sets these entities free again. */
export async function releaseKeys(stores: Stores, members: readonly MatchedKey[]): Promise<void> {
  await write(
    stores,
    members.map((m) => ({ ...m, main_entity: '', allowance: null, gone: 1 })),
  )
}

async function write(
  { facts, control, clock }: Stores,
  rows: readonly (MatchedKey & { main_entity: string; allowance: string | null; gone: number })[],
): Promise<void> {
  if (rows.length === 0) return
  const at = new Date(clock.now()).toISOString()
  await numbered(control, 'rev', 1, async (rev) => {
    // Touched comes first: a group that is united and not known to have moved would never be looked at.
    await facts.command(
      `insert into ${tableOf(facts, 'touched')} (rev, kind, eid, customer_eid, at)
       select {rev:UInt64}, member.1, cityHash64(member.2), 0, parseDateTime64BestEffort({at:String}, 3, 'UTC')
       from (select arrayJoin(arrayZip({kinds:Array(String)}, {entities:Array(String)})) as member)`,
      { rev: String(rev), at, kinds: rows.map((r) => r.kind), entities: rows.map((r) => r.entity_id) },
    )
    await facts.command(
      `insert into ${tableOf(facts, 'matched_keys')} (key, kind, entity_id, main, main_entity, allowance, gone, rev)
       select cityHash64(row.2), row.1, row.2, cityHash64(row.3), row.3, if(row.4 = '', null, toDecimal128(row.4, 9)), toUInt8(row.5), {rev:UInt64}
       from (select arrayJoin(arrayZip({kinds:Array(String)}, {entities:Array(String)}, {mains:Array(String)}, {allowances:Array(String)}, {gone:Array(UInt8)})) as row)`,
      {
        rev: String(rev),
        kinds: rows.map((r) => r.kind),
        entities: rows.map((r) => r.entity_id),
        mains: rows.map((r) => r.main_entity),
        allowances: rows.map((r) => r.allowance ?? ''),
        gone: rows.map((r) => r.gone),
      },
    )
  })
}
