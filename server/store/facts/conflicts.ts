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
