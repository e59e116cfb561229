/** Lines as SQL: documents whose lines are not the same on every platform that keeps lines of such documents. */
import { kindOf } from '../../../model/kinds.ts'
import { currentTable } from '../../store/facts/columns.ts'
import { ident } from '../../store/facts/ident.ts'
import type { Compiled, CompileContext } from '../contract.ts'
import { holderTuple, namedTuple, scopeKeys, type Holder } from './holders.ts'
import { reachParams, within } from './reach.ts'

/** One line of one document on one platform. */
export interface Line {
  platform: string
  record_id: string
  deleted: number
  /** Entity of the line and of its product, as hashes in decimal text; '0' where it resolves to nothing. */
  line: string
  product: string
  product_id: string | null
  quantity: string | null
  amount: string | null
  currency: string | null
  changed_at: string | null
  created_at: string | null
  observed_at: string | null
  stamp: string
}

export interface LinesRow {
  eid: string
  entity_id: string
  customer_entity_id: string
  holders: Holder[]
  lines: Line[]
  /** Platforms that keep lines of such documents at all. */
  keepers: string[]
}

export function linesSql(of: string, ctx: CompileContext): Compiled {
  const db = ident(ctx.database)
  const kind = kindOf(of)
  const documents = `${db}.${ident(currentTable(of))}`
  const table = `${db}.${ident(currentTable('line'))}`
  const text = (sql: string) => `cast(${sql}, 'Nullable(String)')`
  const line = namedTuple([
    ['platform', 'toString(platform)'],
    ['record_id', 'record_id'],
    ['deleted', 'deleted'],
    ['line', text('toString(eid)')],
    ['product', text('toString(product_eid)')],
    ['product_id', text('product')],
    ['quantity', text('toString(quantity)')],
    ['amount', text('toString(amount)')],
    ['currency', text('currency')],
    ['changed_at', 'changed_at'],
    ['created_at', 'created_at'],
    ['observed_at', 'observed_at'],
    ['stamp', 'toString(stamp)'],
  ])
  const sql = `with
  (select groupUniqArray(toString(platform)) from ${table} where document_kind = {of:String} and deleted = 0 and gone = 0) as keepers,
  -- Sums by product: a line that was split in two is the same structure.
  products as (
    select document_eid, toString(platform) as at_platform, product_eid, sum(quantity) as pieces, sum(amount) as worth
    from ${table} final
    where document_kind = {of:String} and deleted = 0 and document_eid != 0 and ${within(ctx.reach, 'document_eid')}
    group by document_eid, at_platform, product_eid
  ),
  shapes as (
    select document_eid, at_platform, arraySort(groupArray((product_eid, toString(pieces), toString(worth)))) as shape
    from products
    group by document_eid, at_platform
  ),
  homes as (
    select distinct eid, toString(platform) as at_platform
    from ${documents} final
    prewhere ${within(ctx.reach, 'eid')}
    where deleted = 0 and has(keepers, toString(platform))
  ),
  differing as (
    select homes.eid as eid
    from homes
    left join shapes on shapes.document_eid = homes.eid and shapes.at_platform = homes.at_platform
    group by eid
    having count() > 1 and uniqExact(shape) > 1
  ),
  found as (
    select document_eid, groupArray(${line}) as lines
    from ${table} final
    where document_kind = {of:String} and document_eid in (select eid from differing)
    group by document_eid
  )
select toString(d.eid) as eid, d.entity_id as entity_id, d.customer_entity_id as customer_entity_id, d.holders as holders, found.lines as lines, keepers
from (
  select eid, any(entity_id) as entity_id, any(customer_entity_id) as customer_entity_id, groupArray(${holderTuple(kind, scopeKeys(ctx.landscape))}) as holders
  from ${documents} final
  prewhere eid in (select eid from differing)
  group by eid
) as d
left join found on found.document_eid = d.eid
order by eid`
  return { sql, params: { of, ...reachParams(ctx.reach) }, needed: ['homes', 'differing'] }
}
