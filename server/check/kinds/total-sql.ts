/** Control totals as SQL: sums and counts by period, currency and legal entity, for every platform at once. */
import { column } from '../../../model/fields.ts'
import type { Kind } from '../../../model/kind.ts'
import { fieldOf } from '../../../model/kinds.ts'
import { currentTable } from '../../store/facts/columns.ts'
import { ident } from '../../store/facts/ident.ts'
import type { Compiled, CompileContext } from '../contract.ts'
import { has, textOf } from './holders.ts'
import { conditionSql, Params, type Where } from './rule-conditions.ts'

/** What one platform has in one period, currency and legal entity. */
export interface TotalRow {
  platform: string
  period: string
  currency: string
  /** Empty: nobody says. */
  legal_entity: string
  total: string
  count: string
  /** Customers that they belong to, as far as known. */
  customers: string
  /** The same without documents that changed within the window on any platform. */
  settled_total: string
  settled_count: string
  settled_customers: string
  /** Latest change among them, and among the settled ones; ISO or null. */
  latest: string | null
  settled_latest: string | null
}

export interface TotalWanted {
  kind: Kind
  sum: string
  by: string
  except: readonly string[]
  where: Where | undefined
  windowMs: number
}

/** `owners` and `customerOwners`: in which order platforms are asked for what a copy leaves open. */
export function totalSql(
  w: TotalWanted,
  owners: readonly string[],
  customerOwners: readonly string[],
  ctx: CompileContext,
): Compiled {
  const db = ident(ctx.database)
  const { kind } = w
  const sum = fieldOf(kind.name, w.sum)
  const by = fieldOf(kind.name, w.by)
  const currency = fieldOf(kind.name, sum.currency!)
  const own = kind.fields.find((f) => f.name === 'legal_entity')
  const usable = (f: typeof sum) => `not (${has('invalid', f)} or ${has('unmapped', f)})`
  const first = (value: string, platform: string, names: string) =>
    `argMinIf(${value}, transform(indexOf(${names}, ${platform}), [0], [1000]), ${value} is not null)`
  const entity = own ? `cast(${ident(column(own))}, 'Nullable(String)')` : `cast(null, 'Nullable(String)')`
  const changed = `addMilliseconds(coalesce(changed_at, created_at), multiIf(stamp = 'day', 86399999, stamp = 'min', 59999, 0))`
  const customers = own
    ? ''
    : `
  customers as (
    select eid as customer, ${first('legal_entity', 'toString(platform)', '{customer_owners:Array(String)}')} as said
    from ${db}.current_customer final
    where deleted = 0
    group by eid
  ),`
  const values = new Params()
  const wanted = w.where
    ? ` and ifNull(${conditionSql(kind.name, w.where, { asOf: ctx.asOf, platforms: ctx.landscape.platforms }, values)}, 0) = 1`
    : ''
  const sql = `with${customers}
  documents as (
    select eid, customer_eid, toString(platform) as at_platform, if(${usable(sum)}, ${ident(column(sum))}, null) as amount,
      if(${usable(currency)}, cast(${ident(column(currency))}, 'Nullable(String)'), null) as in_currency,
      if(${usable(by)}, substring(${textOf(by)}, 1, 7), null) as in_period, ${entity} as in_entity, ${changed} as moved
    from ${db}.${ident(currentTable(kind.name))} final
    where deleted = 0 and (state is null or state not in {except:Array(String)}) and ${has('held', sum)}${wanted}
  ),
  -- What a copy does not say it takes from the other copies, the owner's first.
  things as (
    select eid, ${first('in_currency', 'at_platform', '{owners:Array(String)}')} as thing_currency,
      ${first('in_period', 'at_platform', '{owners:Array(String)}')} as thing_period, ${first('in_entity', 'at_platform', '{owners:Array(String)}')} as thing_entity,
      max(moved) as thing_moved
    from documents
    group by eid
  )
select at_platform as platform, ifNull(coalesce(in_period, thing_period), '') as period, ifNull(coalesce(in_currency, thing_currency), '') as currency,
  ifNull(coalesce(in_entity, thing_entity${own ? '' : ', said'}), '') as legal_entity,
  toString(ifNull(sum(amount), 0)) as total, toString(count()) as count, toString(ifNull(sumIf(amount, settled), 0)) as settled_total, toString(countIf(settled)) as settled_count,
  toString(uniqExactIf(customer_eid, customer_eid != 0)) as customers, toString(uniqExactIf(customer_eid, customer_eid != 0 and settled)) as settled_customers,
  max(moved) as latest, maxIf(moved, settled) as settled_latest
from (
  select *, ifNull(thing_moved <= fromUnixTimestamp64Milli({settled_at:Int64}, 'UTC'), 1) as settled
  from documents
  inner join things on things.eid = documents.eid${own ? '' : '\n  left join customers on customers.customer = documents.customer_eid'}
)
where period != '' and currency != ''
group by platform, period, currency, legal_entity
order by period, currency, legal_entity, platform`
  return {
    sql,
    params: {
      except: w.except,
      owners,
      settled_at: ctx.asOf - w.windowMs,
      ...(own ? {} : { customer_owners: customerOwners }),
      ...values.values,
    },
  }
}
