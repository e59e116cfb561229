/** Renewal facts: what readiness is composed from, read per upcoming renewal from the present records. */
import type { Facts } from './facts.ts'
import { tableOf } from './ident.ts'

/** Which platform's copy of a record counts: the first of these that has one. */
export type Speakers = (kind: string) => readonly string[]

export interface UpcomingRow {
  entity_id: string
  kind: 'renewal' | 'subscription'
  customer_eid: string
  customer_entity_id: string
  platform: string
  record_id: string
  state: 'upcoming' | 'in_progress' | null
  due_on: string
  readiness: string | null
  amount: string | null
  currency: string | null
  subscription_state: string | null
  auto_renew: string | null
}

/** One row an entity of a kind, as its first speaker has it. */
function spoken(facts: Facts, kind: string, members: readonly string[], where: string): string {
  return `select eid, any(entity_id) as entity_id, any(customer_eid) as customer_eid, any(customer_entity_id) as customer_entity_id,
      argMin(tuple(toString(platform), record_id, ${members.join(', ')}), (if(indexOf({speak_${kind}:Array(String)}, toString(platform)) = 0, 99, indexOf({speak_${kind}:Array(String)}, toString(platform))), record_id)) as one
    from ${tableOf(facts, `current_${kind}`)} as present final
    where deleted = 0 and ${where}
    group by eid`
}

const text = (name: string) => `cast(toString(${name}), 'Nullable(String)')`

/** Renewals that are open and due by a day, and subscriptions that end by then without one. */
export async function upcoming(
  facts: Facts,
  speakers: Speakers,
  fromDay: string,
  byDay: string,
): Promise<UpcomingRow[]> {
  const renewal = spoken(
    facts,
    'renewal',
    [text('state'), text('due_on'), 'readiness', 'amount', text('currency'), 'subscription_eid'],
    '1',
  )
  const subscription = spoken(
    facts,
    'subscription',
    [text('state'), text('coalesce(renews_on, ends_on)'), 'amount', text('currency'), text('auto_renew')],
    '1',
  )
  return await facts.query<UpcomingRow>(
    `with renewals as (${renewal}),
     subscriptions as (${subscription}),
     opened as (
       select renewals.entity_id as entity_id, 'renewal' as kind, renewals.customer_eid as customer_eid, renewals.customer_entity_id as customer_entity_id,
         renewals.one.1 as platform, renewals.one.2 as record_id, renewals.one.3 as state, renewals.one.4 as due_on, renewals.one.5 as readiness,
         renewals.one.6 as amount, renewals.one.7 as currency, subscriptions.one.3 as subscription_state, subscriptions.one.7 as auto_renew
       from renewals
       left join subscriptions on subscriptions.eid = renewals.one.8
       where renewals.one.3 in ('upcoming', 'in_progress') and renewals.one.4 <= {by:String}
     ),
     ending as (
       select entity_id, 'subscription' as kind, customer_eid, customer_entity_id, one.1 as platform, one.2 as record_id, cast(null, 'Nullable(String)') as state,
         one.4 as due_on, cast(null, 'Nullable(String)') as readiness, one.5 as amount, one.6 as currency, one.3 as subscription_state, one.7 as auto_renew
       from subscriptions
       where one.3 in ('trialing', 'active', 'past_due', 'paused') and one.4 >= {from:String} and one.4 <= {by:String}
         and eid not in (select one.8 from renewals where one.3 in ('upcoming', 'in_progress', 'renewed') and one.4 >= {from:String})
     )
     select entity_id, kind, toString(customer_eid) as customer_eid, customer_entity_id, platform, record_id, state, due_on, readiness,
       if(isNull(amount), null, toString(amount)) as amount, currency, if(subscription_state = '', null, subscription_state) as subscription_state, if(auto_renew = '', null, auto_renew) as auto_renew
     from (select * from opened union all select * from ending)
     where isNotNull(due_on)
     order by due_on, entity_id
     limit 5000`,
    {
      from: fromDay,
      by: byDay,
      speak_renewal: speakers('renewal'),
      speak_subscription: speakers('subscription'),
    },
  )
}

export interface BillingRow {
  customer_eid: string
  invoices: string
  paid_late: string
  overdue: string
  worst_days: string
  disputed: string
}

const customersParam = '{customers:Array(UInt64)}'

export async function billingOf(
  facts: Facts,
  customers: readonly string[],
  today: string,
  speakers: Speakers,
): Promise<BillingRow[]> {
  return await facts.query<BillingRow>(
    `with invoices as (${spoken(facts, 'invoice', [text('state'), text('issued_on'), text('due_on'), text('toDate(paid_at)'), text('disputed')], `present.customer_eid in ${customersParam}`)})
     select toString(customer_eid) as customer_eid,
       toString(countIf(one.4 >= toString(addYears(toDate({today:String}), -1)) and one.3 != 'draft' and one.3 != 'void')) as invoices,
       toString(countIf(one.4 >= toString(addYears(toDate({today:String}), -1)) and one.3 = 'paid' and one.6 > one.5)) as paid_late,
       toString(countIf(one.3 = 'open' and one.5 < {today:String})) as overdue,
       toString(maxIf(dateDiff('day', toDateOrZero(ifNull(one.5, '')), toDate({today:String})), one.3 = 'open' and one.5 < {today:String})) as worst_days,
       toString(countIf(one.3 = 'open' and one.7 = 'true')) as disputed
     from invoices
     group by customer_eid`,
    { customers, today, speak_invoice: speakers('invoice') },
  )
}

export async function failedPaymentsOf(
  facts: Facts,
  customers: readonly string[],
  sinceIso: string,
  speakers: Speakers,
): Promise<{ customer_eid: string; failed: string }[]> {
  return await facts.query(
    `with payments as (${spoken(facts, 'payment', [text('state'), 'ifNull(changed_at, observed_at)'], `present.customer_eid in ${customersParam}`)})
     select toString(customer_eid) as customer_eid, toString(countIf(one.3 = 'failed' and one.4 >= {since:DateTime64(3, 'UTC')})) as failed
     from payments
     group by customer_eid`,
    { customers, since: sinceIso, speak_payment: speakers('payment') },
  )
}

export interface SupportRow {
  customer_eid: string
  escalated: string
  open: string
  recent: string
  before: string
}

export async function supportOf(
  facts: Facts,
  customers: readonly string[],
  nowIso: string,
  speakers: Speakers,
): Promise<SupportRow[]> {
  return await facts.query<SupportRow>(
    `with cases as (${spoken(facts, 'case', [text('state'), 'coalesce(opened_at, created_at)'], `present.customer_eid in ${customersParam}`)}),
     {now:DateTime64(3, 'UTC')} as now
     select toString(customer_eid) as customer_eid, toString(countIf(one.3 = 'escalated')) as escalated,
       toString(countIf(one.3 in ('new', 'open', 'pending', 'escalated'))) as open,
       toString(countIf(one.4 > now - interval 30 day)) as recent,
       toString(countIf(one.4 > now - interval 120 day and one.4 <= now - interval 30 day)) as before
     from cases
     group by customer_eid`,
    { customers, now: nowIso, speak_case: speakers('case') },
  )
}

/** Health scores with the highest score that their platform has given anybody: the scale is the platform's own. */
export async function healthOf(
  facts: Facts,
  customers: readonly string[],
  speakers: Speakers,
): Promise<{ customer_eid: string; score: number; top: number }[]> {
  return await facts.query(
    `with scores as (
       select customer_eid, argMin((toFloat64(health_score), toString(platform)), (if(indexOf({speak_customer:Array(String)}, toString(platform)) = 0, 99, indexOf({speak_customer:Array(String)}, toString(platform))), record_id)) as one
       from ${tableOf(facts, 'current_customer')} final
       where deleted = 0 and customer_eid in ${customersParam} and isNotNull(health_score)
       group by customer_eid
     ),
     tops as (
       select toString(platform) as platform, max(toFloat64(health_score)) as top
       from ${tableOf(facts, 'current_customer')} final
       where deleted = 0 and isNotNull(health_score)
       group by platform
     )
     select toString(scores.customer_eid) as customer_eid, assumeNotNull(scores.one.1) as score, assumeNotNull(tops.top) as top
     from scores
     inner join tops on tops.platform = scores.one.2`,
    { customers, speak_customer: speakers('customer') },
  )
}
