/** Record sides: records by name with everything they say, to be laid side by side. */
import { column } from '../../../model/fields.ts'
import { kindOf } from '../../../model/kinds.ts'
import { currentTable } from './columns.ts'
import type { Facts } from './facts.ts'
import { tableOf } from './ident.ts'

export interface RecordSide {
  /** `platform:id` */
  name: string
  platform: string
  record_id: string
  entity_id: string
  state: string | null
  deleted: boolean
  created_at: string | null
  changed_at: string | null
  /** Field → value as the platform wrote it; fields without a value are left out. */
  values: Record<string, string>
  refs: Record<string, string>
}

/** Current rows of these records; those that are not identified yet are missing. */
export async function recordSides(facts: Facts, kind: string, names: readonly string[]): Promise<RecordSide[]> {
  const { fields } = kindOf(kind)
  const values = fields.map((f) => `'${f.name}', ifNull(toString(c.${column(f)}), '')`)
  type Row = Omit<RecordSide, 'deleted'> & { deleted: number }
  const rows = await facts.query<Row>(
    `select concat(c.platform, ':', c.record_id) as name, toString(c.platform) as platform, c.record_id as record_id, c.entity_id as entity_id,
       ${fields.some((f) => f.name === 'state') ? 'toString(c.state)' : 'cast(null as Nullable(String))'} as state, c.deleted as deleted, c.created_at as created_at, c.changed_at as changed_at,
       mapFilter((k, v) -> v != '', map(${values.join(', ')})) as values, c.refs as refs
     from ${tableOf(facts, currentTable(kind))} as c final
     prewhere c.eid in (select eid from ${tableOf(facts, 'links')} final where kind = {kind:String} and concat(platform, ':', record_id) in {names:Array(String)})
     where concat(c.platform, ':', c.record_id) in {names:Array(String)} order by name`,
    { kind, names: [...names] },
  )
  return rows.map((r) => ({ ...r, deleted: r.deleted === 1 }))
}
