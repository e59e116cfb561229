/** Customers: found by what people know of them, listed with what is open about them, and everything that belongs to one. */
import { KINDS } from '../../../model/kinds.ts'
import { currentTable } from './columns.ts'
import type { Facts } from './facts.ts'
import { ident, tableOf } from './ident.ts'

export interface CustomerRow {
  entity_id: string
  /** Platform → record id of every live record. */
  records: { platform: string; record_id: string; state: string | null }[]
  health: string | null
  readiness: string | null
}

export interface CustomerFindings {
  entity_id: string
  open: number
  in_flight: number
  undecided: number
  worst: string | null
  /** Currency → sum of what is open. */
  amounts: Record<string, string>
}

/** Most customers that one search brings. */
const FOUND_MAX = 200

/**
 * Entities whose records match: an id of any platform or of ours exactly, an e-mail or domain exactly, a part of a name. Exact ones
 * first.
 */
export async function searchCustomers(facts: Facts, text: string, limit = FOUND_MAX): Promise<string[]> {
  const rows = await facts.query<{ entity_id: string }>(
    `select entity_id from ${tableOf(facts, 'current_customer')} as c final
     where c.record_id = {text:String} or c.entity_id = {text:String}
       or c.email_key = lower({text:String}) or c.domain_key = lower({text:String}) or has(mapValues(c.refs), {text:String})
       or positionCaseInsensitiveUTF8(ifNull(c.name, ''), {text:String}) > 0 or positionCaseInsensitiveUTF8(ifNull(c.legal_name, ''), {text:String}) > 0
     group by entity_id
     order by max(c.record_id = {text:String} or c.entity_id = {text:String} or ifNull(c.email_key, '') = lower({text:String})) desc, min(ifNull(c.name, '')), entity_id
     limit {limit:UInt32}`,
    { text, limit },
  )
  return rows.map((r) => r.entity_id)
}

/** All customers by id, a page after another; '' begins. */
export async function pageOfCustomers(facts: Facts, after: string, limit: number): Promise<string[]> {
  const rows = await facts.query<{ entity_id: string }>(
    `select entity_id from ${tableOf(facts, 'current_customer')} final
     ${after === '' ? '' : 'prewhere eid > cityHash64({after:String})'}
     where deleted = 0 group by eid, entity_id order by eid limit {limit:UInt32}`,
    { after, limit },
  )
  return rows.map((r) => r.entity_id)
}

/** Customers with something unresolved, the most money first; amounts are weighed by the given rates into one number for the order alone. */
export async function customersAtRisk(
  facts: Facts,
  rates: Readonly<Record<string, number>>,
  offset: number,
  limit: number,
): Promise<{ entities: string[]; total: number }> {
  const weight = `transform(ifNull(currency, ''), {currencies:Array(String)}, {rates:Array(Float64)}, toFloat64(0))`
  const from = `from ${tableOf(facts, 'findings')} final where state in ('open', 'undecided', 'in_flight') and customer_eid != 0`
  const [rows, [count]] = await Promise.all([
    facts.query<{ customer_entity_id: string }>(
      `select any(customer_entity_id) as customer_entity_id ${from} group by customer_eid
       order by sumIf(toFloat64(ifNull(amount_at_risk, 0)) * ${weight}, state = 'open') desc, countIf(state = 'open') desc, customer_eid
       limit {limit:UInt32} offset {offset:UInt32}`,
      { currencies: Object.keys(rates), rates: Object.values(rates), limit, offset },
    ),
    facts.query<{ n: string }>(`select toString(uniqExact(customer_eid)) as n ${from}`),
  ])
  return { entities: rows.map((r) => r.customer_entity_id), total: Number(count?.n ?? 0) }
}

const hashes = `select arrayJoin(arrayMap(x -> cityHash64(x), {entities:Array(String)}))`

/** Live records and health of these customers. */
export async function customerRows(facts: Facts, entities: readonly string[]): Promise<Map<string, CustomerRow>> {
  if (entities.length === 0) return new Map()
  const rows = await facts.query<CustomerRow>(
    `select entity_id,
       arraySort(groupArray(cast((toString(platform), record_id, toString(state)), 'Tuple(platform String, record_id String, state Nullable(String))'))) as records,
       toString(anyIf(health_score, health_score is not null)) as health, toString(anyIf(renewal_readiness, renewal_readiness is not null)) as readiness
     from ${tableOf(facts, 'current_customer')} final prewhere eid in (${hashes}) where deleted = 0 group by entity_id`,
    { entities },
  )
  return new Map(rows.map((r) => [r.entity_id, r]))
}

/** What is unresolved about these customers. */
export async function customerFindings(
  facts: Facts,
  entities: readonly string[],
): Promise<Map<string, CustomerFindings>> {
  if (entities.length === 0) return new Map()
  const rows = await facts.query<{
    entity_id: string
    open: string
    in_flight: string
    undecided: string
    worst: string
    amounts: Record<string, string>
  }>(
    `select any(customer_entity_id) as entity_id, toString(countIf(state = 'open')) as open, toString(countIf(state = 'in_flight')) as in_flight,
       toString(countIf(state = 'undecided')) as undecided,
       argMaxIf(severity, indexOf(['low', 'medium', 'high', 'critical'], toString(severity)), state = 'open') as worst,
       mapFilter((k, v) -> k != '', sumMapIf(map(ifNull(toString(currency), ''), ifNull(amount_at_risk, toDecimal128(0, 9))), state = 'open' and amount_at_risk is not null)) as amounts
     from ${tableOf(facts, 'findings')} final where customer_eid in (${hashes}) and state != 'resolved' group by customer_eid`,
    { entities },
  )
  return new Map(
    rows.map((r) => [
      r.entity_id,
      {
        entity_id: r.entity_id,
        open: Number(r.open),
        in_flight: Number(r.in_flight),
        undecided: Number(r.undecided),
        worst: r.worst === '' ? null : r.worst,
        amounts: r.amounts,
      },
    ]),
  )
}

export interface DocumentRow {
  kind: string
  entity_id: string
  number: string | null
  state: string | null
  amount: string | null
  currency: string | null
  last_changed: string | null
  platforms: string[]
}

/** Documents of a customer that are listed of each kind, the latest first. */
const DOCUMENTS_MAX = 50

/** Everything of other kinds that belongs to a customer, as it is now. */
export async function documentsOf(facts: Facts, entity: string): Promise<DocumentRow[]> {
  const has = (names: readonly string[], wanted: readonly string[]) => wanted.find((w) => names.includes(w))
  const selects = KINDS.filter((k) => k.name !== 'customer').map((k) => {
    const names = k.fields.map((f) => f.name)
    const amount = has(names, ['total', 'amount', 'value', 'mrr'])
    const text = (name: string | undefined) =>
      name ? `anyLast(toString(${ident(name)}))` : `cast(null, 'Nullable(String)')`
    return `select * from (select '${k.name}' as kind, entity_id, ${text(has(names, ['number', 'name', 'code']))} as number, ${text(has(names, ['state']))} as state,
        ${text(amount)} as amount, ${text(amount && has(names, ['currency']))} as currency,
        toString(max(c.changed_at)) as last_changed, arraySort(groupUniqArray(toString(platform))) as platforms
      from ${tableOf(facts, currentTable(k.name))} as c final prewhere customer_eid = cityHash64({entity:String}) where deleted = 0
      group by entity_id order by max(c.changed_at) desc limit ${DOCUMENTS_MAX})`
  })
  return await facts.query<DocumentRow>(selects.join('\nunion all\n'), { entity })
}
