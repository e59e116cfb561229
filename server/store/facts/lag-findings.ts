/** Lag findings: the findings that late and lost changes of an edge have left. */
import type { Facts } from './facts.ts'
import { tableOf } from './ident.ts'

export interface EdgeFinding {
  id: string
  issue: string
  title: string
  field: string | null
  entity_id: string
  state: string
  verdict: string
  first_seen_at: string
  due_at: string | null
  resolved_at: string | null
}

/** Open ones first, then those that came late and healed; newest first. */
export async function edgeFindings(
  facts: Facts,
  edge: { kind: string; owner: string; follower: string; fields: readonly string[] },
  limit: number,
): Promise<EdgeFinding[]> {
  return await facts.query<EdgeFinding>(
    `select id, concat('I-', toString(issue)) as issue, title, field, entity_id, state, verdict, first_seen_at, due_at, resolved_at
     from ${tableOf(facts, 'findings')} final
     where kind = {kind:String} and owner_platform = {owner:String} and platform = {follower:String}
       and category = 'mismatch' and field in {fields:Array(String)} and (state = 'open' or verdict = 'late')
     order by state = 'open' desc, changed_at desc, id limit {limit:UInt32}`,
    { ...edge, limit },
  )
}
