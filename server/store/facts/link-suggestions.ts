/** Link suggestions and link models, as they are kept: what the linker proposes to people, and by which figures. */
import type { LinkModel } from '../../../model/linkage/weights.ts'
import type { Facts } from './facts.ts'
import { tableOf } from './ident.ts'

export interface Suggestion {
  kind: string
  /** Made from the two records: the same pair keeps its id. */
  id: string
  /** `platform:id` of both. */
  records: [string, string]
  /** Entities they belong to now. */
  entities: [string, string]
  bits: number
  probability: number
  /** Decimal text; see model/linkage. */
  pattern: string
  rarities: number[]
  model: string
  at: string
}

export interface SuggestionRow extends Omit<Suggestion, 'entities' | 'at'> {
  state: 'open' | 'withdrawn'
}

export interface KeptModel {
  kind: string
  model: LinkModel
  records: number
  compared: number
  skipped: { rule: string; keys: number; records: number }[]
  trained_at: string
}

/** The model in use; null before the first. */
export async function latestModel(facts: Facts, kind: string): Promise<KeptModel | null> {
  const [row] = await facts.query<{
    parameters: string
    records: string
    compared: string
    skipped: string
    trained_at: string
  }>(
    `select parameters, records, compared, skipped, trained_at from ${tableOf(facts, 'link_models')} final
     where kind = {kind:String} order by rev desc limit 1`,
    { kind },
  )
  if (!row) return null
  return {
    kind,
    model: JSON.parse(row.parameters) as LinkModel,
    records: Number(row.records),
    compared: Number(row.compared),
    skipped: JSON.parse(row.skipped) as KeptModel['skipped'],
    trained_at: row.trained_at,
  }
}

export interface SuggestionPage {
  rows: Suggestion[]
  /** All that wait, of this kind. */
  total: number
}

/**
 * Open suggestions whose records are still two things, likeliest first.
 * @param settled pairs that people decided, as `a\nb` with the names in order: they are not asked again
 */
export async function suggestions(
  facts: Facts,
  filter: { kind: string; limit: number; offset: number; id?: string; settled: readonly string[] },
): Promise<SuggestionPage> {
  const [links, table] = [tableOf(facts, 'links'), tableOf(facts, 'link_suggestions')]
  const name = (i: number) => `s.records[${i}]`
  const of = `select concat(platform, ':', record_id) as name, entity_id from ${links} final where kind = {kind:String}
    and record_id in (select arrayJoin(arrayMap(n -> substring(n, position(n, ':') + 1), records)) from ${table} where kind = {kind:String})`
  const open = `select s.id as id, s.records as records, a.entity_id as one, b.entity_id as other, s.bits as bits, s.probability as probability,
      toString(s.pattern) as pattern, s.rarities as rarities, s.model as model, s.at as at
    from ${table} as s final
    inner join (${of}) as a on a.name = ${name(1)}
    inner join (${of}) as b on b.name = ${name(2)}
    where s.kind = {kind:String} and s.state = 'open' and a.entity_id != b.entity_id
      and concat(${name(1)}, '\\n', ${name(2)}) not in {settled:Array(String)} ${filter.id ? 'and s.id = {id:String}' : ''}`
  const params = { kind: filter.kind, settled: [...filter.settled], ...(filter.id && { id: filter.id }) }
  type Row = Omit<Suggestion, 'entities' | 'kind'> & { one: string; other: string }
  const rows = await facts.query<Row>(
    `select * from (${open}) order by bits desc, id limit ${filter.limit} offset ${filter.offset}`,
    params,
  )
  const [count] = await facts.query<{ n: string }>(`select toString(count()) as n from (${open})`, params)
  return {
    rows: rows.map(({ one, other, ...r }) => ({ kind: filter.kind, ...r, entities: [one, other] })),
    total: Number(count!.n),
  }
}
