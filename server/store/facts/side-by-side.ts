/** Side by side: every record of a kind with its comparable values and how it was linked, for one report over everything. */
import { column, KEYED } from '../../../model/fields.ts'
import { kindOf } from '../../../model/kinds.ts'
import { currentTable } from './columns.ts'
import type { Facts } from './facts.ts'
import { tableOf } from './ident.ts'

export interface SideRow {
  platform: string
  record_id: string
  entity_id: string
  /** Rule and claim of its link. */
  rule: string
  claim: string
  values: Record<string, string>
  keys: Record<string, string>
  raw: Record<string, string>
  /** Fields whose value could not be read, or waits for a reference map. */
  unread: string[]
  /** Field → entity of a reference, decimal text. */
  references: Record<string, string>
}

export async function* sideRows(facts: Facts, kind: string): AsyncGenerator<SideRow[]> {
  const { fields } = kindOf(kind)
  const plain = fields.filter((f) => f.type !== 'reference')
  const map = (pairs: string[]) =>
    pairs.length ? `mapFilter((k, v) -> v != '', map(${pairs.join(', ')}))` : `cast(map() as Map(String, String))`
  const values = map(fields.map((f) => `'${f.name}', ifNull(toString(${column(f)}), '')`))
  const keys = map(plain.filter((f) => KEYED.has(f.type)).map((f) => `'${f.name}', ifNull(${column(f)}_key, '')`))
  const references = map(
    fields
      .filter((f) => f.type === 'reference')
      .map((f) => `'${f.name}', if(${column(f)}_eid = 0, '', toString(${column(f)}_eid))`),
  )
  const unread = `arrayFilter((name, bit) -> bitTest(bitOr(unmapped, invalid), bit), [${fields.map((f) => `'${f.name}'`).join(', ')}], [${fields.map((f) => f.bit).join(', ')}])`
  yield* facts.stream<SideRow>(
    `select toString(c.platform) as platform, c.record_id as record_id, c.entity_id as entity_id, toString(l.rule) as rule,
       JSONExtractString(ifNull(l.evidence, '{}'), 'claim') as claim, c.v as values, c.k as keys, c.raw as raw, c.u as unread, c.f as references
     from (select platform, record_id, entity_id, ${values} as v, ${keys} as k, raw, ${unread} as u, ${references} as f
       from ${tableOf(facts, currentTable(kind))} final where deleted = 0) as c
     left join (select platform, record_id, rule, evidence from ${tableOf(facts, 'links')} final where kind = {kind:String}) as l
       on l.platform = c.platform and l.record_id = c.record_id`,
    { kind },
  )
}
