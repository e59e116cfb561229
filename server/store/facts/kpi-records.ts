/** Counts over the present records that key figures are made from: what the platform that speaks says, entity by entity. */
import { column } from '../../../model/fields.ts'
import { fieldOf } from '../../../model/kinds.ts'
import { currentTable } from './columns.ts'
import type { Facts } from './facts.ts'
import { ident, tableOf } from './ident.ts'

/** What is asked of each entity: field, and the platforms that speak for it, in order. */
export type Asked = Record<string, { field: string; order: readonly string[] }>

/** How much of how many, under the name of a legal entity or platform. */
export interface PartOf {
  name: string
  part: number
  n: number
}

/**
 * One row an entity: each asked value as the first platform of its order that holds one says it (text), with who spoke
 * for the first of them. `more` are further aggregates over the records of the entity.
 */
function spoken(
  facts: Facts,
  kind: string,
  asked: Asked,
  more: readonly string[] = [],
): { sql: string; params: Record<string, unknown> } {
  const names = Object.keys(asked)
  const said = (name: string, what: string) => {
    const value = ident(column(fieldOf(kind, asked[name]!.field)))
    return `argMinIf(${what}, indexOf({order_${name}:Array(String)}, toString(platform)), has({order_${name}:Array(String)}, toString(platform)) and isNotNull(${value}))`
  }
  const values = names.map(
    (name) =>
      `ifNull(${said(name, `toString(${ident(column(fieldOf(kind, asked[name]!.field)))})`)}, '') as ${ident(`said_${name}`)}`,
  )
  // Values get their names one level further out: there they cannot be taken for columns of the records.
  const outer = names.map((name) => `${ident(`said_${name}`)} as ${ident(name)}`)
  return {
    sql: `(select * except (${names.map((name) => ident(`said_${name}`)).join(', ')}), ${outer.join(', ')} from (select eid, any(customer_eid) as customer_eid, ${said(names[0]!, 'toString(platform)')} as speaker, ${[...values, ...more].join(', ')}
      from ${tableOf(facts, currentTable(kind))} final where deleted = 0 group by eid))`,
    params: Object.fromEntries(names.map((name) => [`order_${name}`, asked[name]!.order])),
  }
}

async function parts(facts: Facts, sql: string, params: Record<string, unknown>): Promise<PartOf[]> {
  const rows = await facts.query<{ name: string; part: string | number; n: string }>(
    `${sql} group by name order by name`,
    params,
  )
  return rows.map((r) => ({ name: r.name, part: Number(r.part), n: Number(r.n) }))
}

/** Customers on credit hold, of all customers, by legal entity. `asked`: hold, legal. */
export function creditHolds(facts: Facts, asked: Asked): Promise<PartOf[]> {
  const { sql, params } = spoken(facts, 'customer', asked)
  return parts(facts, `select legal as name, countIf(hold = 'true') as part, count() as n from ${sql}`, params)
}

/** Disputed invoices of those that are out, by legal entity. `asked`: state, disputed, legal. */
export function disputedInvoices(facts: Facts, asked: Asked): Promise<PartOf[]> {
  const { sql, params } = spoken(facts, 'invoice', asked)
  return parts(
    facts,
    `select legal as name, countIf(disputed = 'true') as part, count() as n from ${sql} where state in ('open', 'uncollectible')`,
    params,
  )
}

/** Orders that wait for approval and that nobody has booked, by legal entity. `asked`: before, after, legal. */
export function awaitingOrders(facts: Facts, asked: Asked): Promise<PartOf[]> {
  const { sql, params } = spoken(facts, 'order', asked)
  return parts(
    facts,
    `select legal as name, countIf(before = 'pending_approval' and after not in ('booked', 'blocked', 'fulfilled', 'cancelled')) as part, count() as n from ${sql}`,
    params,
  )
}

/** Invoices issued in a month without an open finding, by legal entity. `asked`: state, issued, legal. */
export function cleanInvoices(facts: Facts, asked: Asked, month: string): Promise<PartOf[]> {
  const { sql, params } = spoken(facts, 'invoice', asked)
  return parts(
    facts,
    `select legal as name, countIf(eid not in (select eid from ${tableOf(facts, 'findings')} final where state = 'open' and kind = 'invoice' and eid != 0)) as part, count() as n
     from ${sql} where startsWith(issued, {month:String}) and state not in ('draft', 'void', '')`,
    { ...params, month },
  )
}

/** Active subscriptions with an active entitlement of their own or of their contract, by who speaks for the subscription. `asked`: state. */
export function servedSubscriptions(facts: Facts, asked: Asked): Promise<PartOf[]> {
  const { sql, params } = spoken(facts, 'subscription', asked, ['max(contract_eid) as contract'])
  const served = `select arrayJoin([subscription_eid, contract_eid]) as of from ${tableOf(facts, 'current_entitlement')} final where deleted = 0 and state = 'active' and of != 0`
  return parts(
    facts,
    `select speaker as name, countIf(eid in (${served}) or (contract != 0 and contract in (${served}))) as part, count() as n from ${sql} where state = 'active'`,
    params,
  )
}

/** Active subscriptions that renew between two days: those with a renewal record, by who speaks. `asked`: state, renews. */
export function plannedRenewals(facts: Facts, asked: Asked, from: string, to: string): Promise<PartOf[]> {
  const { sql, params } = spoken(facts, 'subscription', asked)
  const planned = `select subscription_eid from ${tableOf(facts, 'current_renewal')} final where deleted = 0 and subscription_eid != 0`
  return parts(
    facts,
    `select speaker as name, countIf(eid in (${planned})) as part, count() as n from ${sql} where state = 'active' and renews >= {from:String} and renews <= {to:String}`,
    { ...params, from, to },
  )
}

/** The same subscriptions without an open high or critical finding about them or their customer. */
export function untroubledRenewals(facts: Facts, asked: Asked, from: string, to: string): Promise<PartOf[]> {
  const { sql, params } = spoken(facts, 'subscription', asked)
  const troubled = (of: string) =>
    `select ${of} from ${tableOf(facts, 'findings')} final where state = 'open' and severity in ('high', 'critical') and ${of} != 0`
  return parts(
    facts,
    `select speaker as name, countIf(eid not in (${troubled('eid')}) and customer_eid not in (${troubled('customer_eid')})) as part, count() as n
     from ${sql} where state = 'active' and renews >= {from:String} and renews <= {to:String}`,
    { ...params, from, to },
  )
}

/** Renewals decided in a span of days whose record had foretold the amount `ahead` days before; a lost one was foretold by none. `asked`: state, due, amount. */
export function foretoldRenewals(
  facts: Facts,
  asked: Asked,
  from: string,
  to: string,
  ahead: number,
): Promise<PartOf[]> {
  const { sql, params } = spoken(facts, 'renewal', asked)
  return parts(
    facts,
    `select d.speaker as name, countIf(d.state = 'renewed' and v.foretold = toDecimal128OrNull(d.amount, 9)) as part, count() as n
     from ${sql} as d
     inner join (
       select v.platform as platform, c.eid as eid, argMax(v.amount, v.seq) as foretold
       from ${tableOf(facts, 'versions_renewal')} as v
       inner join (select eid, platform, record_id, due_on from ${tableOf(facts, 'current_renewal')} final where deleted = 0) as c on c.platform = v.platform and c.record_id = v.record_id
       where toDate(v.observed_at) <= toDateOrNull(c.due_on) - {ahead:UInt16} and isNotNull(v.amount)
       group by platform, eid) as v on v.eid = d.eid and v.platform = d.speaker
     where d.state in ('renewed', 'lost') and d.due >= {from:String} and d.due <= {to:String}`,
    { ...params, from, to, ahead },
  )
}

/** Seconds and how many, under the name of a legal entity or platform. */
export interface TimesOf {
  name: string
  seconds: number
  n: number
}

async function times(facts: Facts, sql: string, params: Record<string, unknown>): Promise<TimesOf[]> {
  const rows = await facts.query<{ name: string; seconds: number; n: string }>(
    `${sql} group by name order by name`,
    params,
  )
  return rows.map((r) => ({ name: r.name, seconds: Number(r.seconds), n: Number(r.n) }))
}

const instant = (text: string) => `parseDateTime64BestEffortOrNull(${text}, 3, 'UTC')`
const between = (from: string, to: string) => `sum(dateDiff('millisecond', ${instant(from)}, ${instant(to)})) / 1000`

/** From an accepted quote to its order, for orders made since an instant, by legal entity. `asked`: ordered, legal; `quote`: accepted. */
export function conversionTimes(facts: Facts, asked: Asked, quote: Asked, from: string): Promise<TimesOf[]> {
  const orders = spoken(facts, 'order', asked, ['max(quote_eid) as of_quote'])
  const quotes = spoken(facts, 'quote', quote)
  return times(
    facts,
    `select o.legal as name, ${between('q.accepted', 'o.ordered')} as seconds, count() as n
     from ${orders.sql} as o inner join ${quotes.sql} as q on q.eid = o.of_quote
     where ${instant('o.ordered')} >= {from:DateTime64(3, 'UTC')} and ${instant('o.ordered')} >= ${instant('q.accepted')}`,
    { ...orders.params, ...quotes.params, from },
  )
}

export interface CaseFigures {
  name: string
  /** Resolved in the period: how many, their seconds, and those never escalated. */
  resolved: number
  seconds: number
  calm: number
  /** Escalated in the period. */
  escalated: number
}

/** Support cases of a period by who speaks for them. `asked`: resolved, opened, escalated. */
export async function caseFigures(facts: Facts, asked: Asked, from: string, to: string): Promise<CaseFigures[]> {
  const { sql, params } = spoken(facts, 'case', {
    opened: asked['opened']!,
    resolved: asked['resolved']!,
    escalated: asked['escalated']!,
  })
  const within = (text: string) =>
    `ifNull(${instant(text)} >= {from:DateTime64(3, 'UTC')} and ${instant(text)} < {to:DateTime64(3, 'UTC')}, false)`
  const rows = await facts.query<Record<string, string | number>>(
    `select speaker as name, countIf(${within('resolved')}) as n, countIf(${within('resolved')} and escalated = '') as calm, countIf(${within('escalated')}) as escalations,
       sumIf(dateDiff('millisecond', ${instant('opened')}, ${instant('resolved')}), ${within('resolved')}) / 1000 as seconds
     from ${sql} group by name order by name`,
    { ...params, from, to },
  )
  return rows.map((r) => ({
    name: String(r['name']),
    resolved: Number(r['n']),
    seconds: Number(r['seconds']),
    calm: Number(r['calm']),
    escalated: Number(r['escalations']),
  }))
}

/** Credits asked for because of a support case since an instant, by who speaks for them. `asked`: case. */
export async function serviceCredits(facts: Facts, asked: Asked, from: string): Promise<{ name: string; n: number }[]> {
  const { sql, params } = spoken(facts, 'credit', asked, ['min(created_at) as made'])
  const rows = await facts.query<{ name: string; n: string }>(
    `select speaker as name, count() as n from ${sql} where case != '' and made >= {from:DateTime64(3, 'UTC')} group by name order by name`,
    { ...params, from },
  )
  return rows.map((r) => ({ name: r.name, n: Number(r.n) }))
}

/** From the first leg of a flow to its last, for instances completed in a period, by platform of the root. */
export function flowTimes(facts: Facts, flow: string, from: string, to: string): Promise<TimesOf[]> {
  return times(
    facts,
    `select toString(platform) as name, sum(dateDiff('millisecond', assumeNotNull(legs[1].at), assumeNotNull(completed_at))) / 1000 as seconds, count() as n
     from ${tableOf(facts, 'flow_instances')} final
     where flow = {flow:String} and stage = 'complete' and isNotNull(completed_at) and isNotNull(legs[1].at) and completed_at >= {from:DateTime64(3, 'UTC')} and completed_at < {to:DateTime64(3, 'UTC')}`,
    { flow, from, to },
  )
}
