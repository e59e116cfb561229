/** Conflicts: records whose references contradict each other, until a person or a newer version decides. */
import type { Facts } from './facts.ts'
import { tableOf } from './ident.ts'

export interface OpenConflict {
  kind: string
  /** `platform:id` of each. */
  records: string[]
  reason: string
}

export function openConflicts(facts: Facts): Promise<OpenConflict[]> {
  return facts.query<OpenConflict>(
    `select toString(kind) as kind, records, reason from ${tableOf(facts, 'identity_conflicts')} final
     where state = 'open' and startsWith(key, 'refs:') order by kind, key`,
  )
}

export interface KeptConflict extends OpenConflict {
  /** What contradicts: `refs:…`, a key, or `decided:…` where evidence speaks against a decision. */
  key: string
  observed_at: string
}

/** Every open conflict of a kind. */
export function conflictsOf(facts: Facts, kind: string): Promise<KeptConflict[]> {
  return facts.query<KeptConflict>(
    `select toString(kind) as kind, key, records, reason, observed_at from ${tableOf(facts, 'identity_conflicts')} final
     where state = 'open' and kind = {kind:String} order by key`,
    { kind },
  )
}
