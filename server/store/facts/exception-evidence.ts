/** Evidence that an exception is over: what was reported of the same change since, and which entities still differ where. */
import type { Facts } from './facts.ts'
import { tableOf } from './ident.ts'

/** Deliveries that arrived, by correlation. */
export async function eventsOfCorrelation(
  facts: Facts,
  correlations: readonly string[],
): Promise<{ correlation_id: string; at: string; type: string; reported_by: string }[]> {
  if (correlations.length === 0) return []
  return facts.query(
    `select correlation_id, at, type, reported_by from ${tableOf(facts, 'events')} final
     where correlation_id in {correlations:Array(String)} and type in ('acknowledged', 'applied') order by at desc`,
    { correlations },
  )
}

/** `entity platform` of every finding about these entities that is not resolved. */
export async function openEntities(facts: Facts, entities: readonly string[]): Promise<Set<string>> {
  if (entities.length === 0) return new Set()
  const rows = await facts.query<{ entity_id: string; platform: string | null }>(
    `select distinct entity_id, platform from ${tableOf(facts, 'findings')} final
     where entity_id in {entities:Array(String)} and state in ('open', 'undecided', 'in_flight')`,
    { entities },
  )
  return new Set(rows.map((r) => `${r.entity_id} ${r.platform ?? ''}`))
}

/** Open findings about these entities, each with the platform at fault. */
export async function openFindingsOf(
  facts: Facts,
  entities: readonly string[],
): Promise<{ id: string; entity_id: string; platform: string | null }[]> {
  if (entities.length === 0) return []
  return facts.query(
    `select id, entity_id, platform from ${tableOf(facts, 'findings')} final
     where entity_id in {entities:Array(String)} and state = 'open' order by id`,
    { entities },
  )
}
