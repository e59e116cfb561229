/** Customers that meet a search: by who knows them, what is unresolved about them and how much money hangs on it. */
import type { Facts } from './facts.ts'
import { tableOf } from './ident.ts'

/** One condition. `values` are alternatives, or an operator with its bounds. */
export interface CustomerTerm {
  key: keyof typeof TERMS
  values: readonly string[]
  not: boolean
}

/** What a term compares, over one row for each customer. */
const TERMS = {
  platform: 'platforms',
  severity: `ifNull(worst, '')`,
  health: `ifNull(health, '')`,
  id: 'ids',
  /** A state that some of its findings are in. */
  state: 'states',
  money: 'money',
  open: 'open',
  platforms: 'length(platforms)',
  text: '',
} as const
const LISTS: ReadonlySet<string> = new Set(['platform', 'id', 'state'])
const NUMBERS: ReadonlySet<string> = new Set(['money', 'open', 'platforms'])

function conditions(terms: readonly CustomerTerm[]): { sql: string; params: Record<string, unknown> } {
  const params: Record<string, unknown> = {}
  const parts = terms.map((term, n) => {
    const name = `term${n}`
    const not = term.not ? 'not ' : ''
    if (NUMBERS.has(term.key)) {
      const [op, low, high] = term.values
      Object.assign(params, { [name]: Number(low), ...(high !== undefined && { [`${name}to`]: Number(high) }) })
      const of = `toFloat64(${TERMS[term.key]})`
      if (op === '..') return `${not}(${of} between {${name}:Float64} and {${name}to:Float64})`
      return `${not}(${of} ${op === '>' ? '>' : '<'} {${name}:Float64})`
    }
    params[name] = term.values
    if (term.key === 'text')
      return `${not}arrayAll(word -> positionCaseInsensitiveUTF8(words, word) > 0, {${name}:Array(String)})`
    if (LISTS.has(term.key)) return `${not}hasAny(${TERMS[term.key]}, {${name}:Array(String)})`
    return `${TERMS[term.key]} ${term.not ? 'not in' : 'in'} {${name}:Array(String)}`
  })
  return { sql: parts.length ? `where ${parts.join(' and ')}` : '', params }
}

/**
 * Entities that meet the terms, the most money first. Amounts are weighed by the given rates into one number to compare and order by.
 * @param rates currency → units of the reporting currency
 */
export async function customersThat(
  facts: Facts,
  terms: readonly CustomerTerm[],
  rates: Readonly<Record<string, number>>,
  offset: number,
  limit: number,
): Promise<{ entities: string[]; total: number }> {
  const { sql, params } = conditions(terms)
  const weight = `transform(ifNull(currency, ''), {currencies:Array(String)}, {rates:Array(Float64)}, toFloat64(0))`
  const from = `from (
    select c.entity_id as entity_id, c.platforms as platforms, c.ids as ids, c.words as words, c.health as health,
      f.states as states, f.open as open, f.money as money, f.worst as worst
    from (
      select entity_id, eid, arraySort(groupUniqArray(toString(platform))) as platforms, arrayPushBack(groupUniqArray(record_id), entity_id) as ids,
        arrayStringConcat(groupUniqArray(concat(ifNull(name, ''), ' ', ifNull(legal_name, ''), ' ', ifNull(email_key, ''), ' ', ifNull(domain_key, ''), ' ', record_id)), ' ') as words,
        toString(anyIf(health_score, health_score is not null)) as health
      from ${tableOf(facts, 'current_customer')} final where deleted = 0 group by eid, entity_id
    ) as c
    left join (
      select customer_eid, arraySort(groupUniqArray(toString(state))) as states, countIf(state = 'open') as open,
        sumIf(toFloat64(ifNull(amount_at_risk, 0)) * ${weight}, state = 'open') as money,
        argMaxIf(toString(severity), indexOf(['low', 'medium', 'high', 'critical'], toString(severity)), state = 'open') as worst
      from ${tableOf(facts, 'findings')} final where state != 'resolved' and customer_eid != 0 group by customer_eid
    ) as f on f.customer_eid = c.eid
  ) ${sql}`
  const given = { ...params, currencies: Object.keys(rates), rates: Object.values(rates) }
  const [rows, [count]] = await Promise.all([
    facts.query<{ entity_id: string }>(
      `select entity_id ${from} order by money desc, open desc, entity_id limit {limit:UInt32} offset {offset:UInt32}`,
      { ...given, limit, offset },
    ),
    facts.query<{ n: string }>(`select toString(count()) as n ${from}`, given),
  ])
  return { entities: rows.map((r) => r.entity_id), total: Number(count?.n ?? 0) }
}
