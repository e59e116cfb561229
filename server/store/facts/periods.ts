/** Periods as counted from the facts: findings that name one, and documents of one that are not done. */
import { fieldOf } from '../../../model/kinds.ts'
import type { Facts } from './facts.ts'
import { tableOf } from './ident.ts'

export interface FindingsOfPeriod {
  period: string
  legal_entity: string
  check: string
  title: string
  category: string
  state: 'open' | 'undecided' | 'in_flight'
  findings: string
  amounts: Record<string, string>
}

/** Unresolved findings whose scope names a period at or after `from`, by check and state. */
export async function findingsByPeriod(facts: Facts, from: string): Promise<FindingsOfPeriod[]> {
  return await facts.query<FindingsOfPeriod>(
    `select JSONExtractString(scope, 'period') as period, JSONExtractString(scope, 'legal_entity') as legal_entity, toString(f.check) as check,
       any(f.title) as title, toString(any(f.category)) as category, toString(f.state) as state, toString(count()) as findings,
       cast(mapFromArrays(groupArray(currency), groupArray(worth)), 'Map(String, String)') as amounts
     from (
       select scope, check, state, any(title) as title, any(category) as category, ifNull(toString(currency), '') as currency, toString(ifNull(sum(amount_at_risk), 0)) as worth, count() as n
       from ${tableOf(facts, 'findings')} final
       where state in ('open', 'undecided', 'in_flight') and scope like '%"period"%' and JSONExtractString(scope, 'period') >= {from:String}
       group by scope, check, state, currency
       order by currency
     ) as f
     group by period, legal_entity, check, state
     order by period, legal_entity, check, state`,
    { from },
  )
}

export interface DocumentsOfPeriod {
  period: string
  legal_entity: string
  kind: string
  documents: string
  drafts: string
  unposted: string
  draft_amounts: Record<string, string>
  unposted_amounts: Record<string, string>
}

/**
 * Invoices and postings by month and legal entity; of several copies the one of the first of `platforms` counts. An
 * invoice that names no legal entity takes that of its customer.
 */
export async function documentsByPeriod(
  facts: Facts,
  from: string,
  platforms: readonly string[],
): Promise<DocumentsOfPeriod[]> {
  const first = (sql: string) => `argMinIf(${sql}, place, ${sql} is not null)`
  const bit = 'bitAnd(held, {posted_bit:UInt64}) != 0'
  return await facts.query<DocumentsOfPeriod>(
    `with customers as (
       select eid as customer, any(legal_entity) as said from ${tableOf(facts, 'current_customer')} final where deleted = 0 and legal_entity is not null group by eid
     ),
     invoices as (
       select 'invoice' as kind, eid, any(customer_eid) as customer_eid, ${first('day')} as month, ${first('entity')} as own_entity, ${first('in_currency')} as currency, ${first('amount')} as worth,
         ${first('in_state')} as state, max(posted) as is_posted, max(keeps) as tells
       from (
         select eid, customer_eid, indexOf({platforms:Array(String)}, toString(platform)) as place, substring(issued_on, 1, 7) as day, cast(legal_entity, 'Nullable(String)') as entity,
           cast(currency, 'Nullable(String)') as in_currency, total as amount, cast(state, 'Nullable(String)') as in_state, posted_at is not null as posted, ${bit} as keeps
         from ${tableOf(facts, 'current_invoice')} final
         where deleted = 0 and substring(issued_on, 1, 7) >= {from:String}
       )
       group by eid
     ),
     postings as (
       select 'posting' as kind, eid, any(customer_eid) as customer_eid, ${first('day')} as month, cast(null, 'Nullable(String)') as own_entity, ${first('in_currency')} as currency, ${first('amount')} as worth,
         ${first('in_state')} as state, 1 as is_posted, 0 as tells
       from (
         select eid, customer_eid, indexOf({platforms:Array(String)}, toString(platform)) as place, coalesce(nullIf(substring(period, 1, 7), ''), substring(posted_on, 1, 7)) as day,
           cast(currency, 'Nullable(String)') as in_currency, amount, cast(state, 'Nullable(String)') as in_state
         from ${tableOf(facts, 'current_posting')} final
         where deleted = 0
       )
       group by eid
     ),
     documents as (
       select kind, assumeNotNull(month) as period, ifNull(coalesce(own_entity, said), '') as legal_entity, ifNull(currency, '') as currency, worth, ifNull(state, '') = 'draft' as draft,
         tells and not is_posted and ifNull(state, '') not in ('draft', 'void') as open
       from (select * from invoices union all select * from postings) as d
       left join customers on customers.customer = d.customer_eid
       where month is not null and month >= {from:String}
     )
     select period, legal_entity, kind, toString(sum(n)) as documents, toString(sum(drafts)) as drafts, toString(sum(unposted)) as unposted,
       cast(mapFromArrays(groupArray(currency), groupArray(toString(draft_sum))), 'Map(String, String)') as draft_amounts,
       cast(mapFromArrays(groupArray(currency), groupArray(toString(unposted_sum))), 'Map(String, String)') as unposted_amounts
     from (
       select period, legal_entity, kind, currency, count() as n, countIf(draft) as drafts, countIf(open) as unposted,
         ifNull(sumIf(worth, draft), 0) as draft_sum, ifNull(sumIf(worth, open), 0) as unposted_sum
       from documents
       group by period, legal_entity, kind, currency
       order by currency
     )
     group by period, legal_entity, kind
     order by period, legal_entity, kind`,
    { from, platforms, posted_bit: POSTED_BIT },
  )
}

/** Bit of invoice.posted_at in the masks of held fields: a platform that cannot say it has not left it open. */
const POSTED_BIT = (1n << BigInt(fieldOf('invoice', 'posted_at').bit)).toString()
