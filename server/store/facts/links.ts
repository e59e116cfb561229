/** Links, as they are read: to which entity a record belongs, which records an entity has, and how that came about. */
import type { Facts } from './facts.ts'
import { tableOf } from './ident.ts'

export interface Link {
  kind: string
  platform: string
  record_id: string
  entity_id: string
  /** 64-bit hash of the entity in decimal text. */
  eid: string
  rule: string
  evidence: Record<string, unknown>
  rev: string
  observed_at: string
}

const COLUMNS = 'kind, platform, record_id, entity_id, eid, rule, evidence, rev, observed_at'

type Row = Omit<Link, 'evidence'> & { evidence: string }

const link = (row: Row): Link => ({ ...row, evidence: JSON.parse(row.evidence || '{}') as Link['evidence'] })

/** Links of these records; those not yet identified are missing. */
export async function linksOf(facts: Facts, kind: string, platform: string, ids: readonly string[]): Promise<Link[]> {
  const rows = await facts.query<Row>(
    `select ${COLUMNS} from ${tableOf(facts, 'links')} final
     where kind = {kind:String} and platform = {platform:String} and record_id in {ids:Array(String)} order by record_id`,
    { kind, platform, ids },
  )
  return rows.map(link)
}

/** All records that are one entity. */
export async function recordsOf(facts: Facts, kind: string, entityId: string): Promise<Link[]> {
  const rows = await facts.query<Row>(
    `select ${COLUMNS} from ${tableOf(facts, 'links')} final
     where kind = {kind:String} and entity_id = {entity:String} order by platform, record_id`,
    { kind, entity: entityId },
  )
  return rows.map(link)
}

/** Every link a record has had, oldest first. */
export async function linkHistory(facts: Facts, kind: string, platform: string, recordId: string): Promise<Link[]> {
  const rows = await facts.query<Row>(
    `select ${COLUMNS} from ${tableOf(facts, 'link_history')} final
     where kind = {kind:String} and platform = {platform:String} and record_id = {id:String} order by rev`,
    { kind, platform, id: recordId },
  )
  return rows.map(link)
}

/** Links of records named `platform:id`, of any platforms. */
export async function linksNamed(facts: Facts, kind: string, names: readonly string[]): Promise<Link[]> {
  const pairs = names.map((n) => [n.slice(0, n.indexOf(':')), n.slice(n.indexOf(':') + 1)])
  const rows = await facts.query<Row>(
    `select ${COLUMNS} from ${tableOf(facts, 'links')} final
     where kind = {kind:String} and platform in {platforms:Array(String)} and record_id in {ids:Array(String)}
       and concat(platform, ':', record_id) in {names:Array(String)} order by platform, record_id`,
    { kind, platforms: [...new Set(pairs.map((p) => p[0]!))], ids: pairs.map((p) => p[1]!), names: [...names] },
  )
  return rows.map(link)
}

/** Entity → its records as `platform:id`. */
export async function membersOf(
  facts: Facts,
  kind: string,
  entities: readonly string[],
): Promise<Map<string, string[]>> {
  const rows = await facts.query<{ entity_id: string; names: string[] }>(
    `select entity_id, arraySort(groupArray(concat(platform, ':', record_id))) as names from ${tableOf(facts, 'links')} final
     where kind = {kind:String} and entity_id in {entities:Array(String)} group by entity_id`,
    { kind, entities: [...entities] },
  )
  return new Map(rows.map((r) => [r.entity_id, r.names]))
}
