-- {except} = ["draft","reversed"]
-- {owners} = ["erp"]
-- {settled_at} = 1795172400000
-- {customer_owners} = ["erp"]
-- {p0} = "posted"
-- {p1} = "0"
with
  customers as (
    select eid as customer, argMinIf(legal_entity, transform(indexOf({customer_owners:Array(String)}, toString(platform)), [0], [1000]), legal_entity is not null) as said
    from `plumbline`.current_customer final
    where deleted = 0
    group by eid
  ),
  documents as (
    select eid, customer_eid, toString(platform) as at_platform, if(not (bitAnd(invalid, toUInt64(16)) != 0 or bitAnd(unmapped, toUInt64(16)) != 0), `amount`, null) as amount,
      if(not (bitAnd(invalid, toUInt64(32)) != 0 or bitAnd(unmapped, toUInt64(32)) != 0), cast(`currency`, 'Nullable(String)'), null) as in_currency,
      if(not (bitAnd(invalid, toUInt64(64)) != 0 or bitAnd(unmapped, toUInt64(64)) != 0), substring(cast(toString(`posted_on`), 'Nullable(String)'), 1, 7), null) as in_period, cast(null, 'Nullable(String)') as in_entity, addMilliseconds(coalesce(changed_at, created_at), multiIf(stamp = 'day', 86399999, stamp = 'min', 59999, 0)) as moved
    from `plumbline`.`current_posting` final
    where deleted = 0 and (state is null or state not in {except:Array(String)}) and bitAnd(held, toUInt64(16)) != 0 and ifNull((if(not bitAnd(held, toUInt64(1)) != 0 or bitAnd(unmapped, toUInt64(1)) != 0 or bitAnd(invalid, toUInt64(1)) != 0, null, if(bitAnd(empty, toUInt64(1)) != 0, 0, cast(toString(`state`), 'Nullable(String)') = {p0:String})) and if(not bitAnd(held, toUInt64(16)) != 0 or bitAnd(unmapped, toUInt64(16)) != 0 or bitAnd(invalid, toUInt64(16)) != 0, null, if(bitAnd(empty, toUInt64(16)) != 0, 0, `amount` > toDecimal128({p1:String}, 9)))), 0) = 1
  ),
  -- What a copy does not say it takes from the other copies, the owner's first.
  things as (
    select eid, argMinIf(in_currency, transform(indexOf({owners:Array(String)}, at_platform), [0], [1000]), in_currency is not null) as thing_currency,
      argMinIf(in_period, transform(indexOf({owners:Array(String)}, at_platform), [0], [1000]), in_period is not null) as thing_period, argMinIf(in_entity, transform(indexOf({owners:Array(String)}, at_platform), [0], [1000]), in_entity is not null) as thing_entity,
      max(moved) as thing_moved
    from documents
    group by eid
  )
select at_platform as platform, ifNull(coalesce(in_period, thing_period), '') as period, ifNull(coalesce(in_currency, thing_currency), '') as currency,
  ifNull(coalesce(in_entity, thing_entity, said), '') as legal_entity,
  toString(ifNull(sum(amount), 0)) as total, toString(count()) as count, toString(ifNull(sumIf(amount, settled), 0)) as settled_total, toString(countIf(settled)) as settled_count,
  toString(uniqExactIf(customer_eid, customer_eid != 0)) as customers, toString(uniqExactIf(customer_eid, customer_eid != 0 and settled)) as settled_customers,
  max(moved) as latest, maxIf(moved, settled) as settled_latest
from (
  select *, ifNull(thing_moved <= fromUnixTimestamp64Milli({settled_at:Int64}, 'UTC'), 1) as settled
  from documents
  inner join things on things.eid = documents.eid
  left join customers on customers.customer = documents.customer_eid
)
where period != '' and currency != ''
group by platform, period, currency, legal_entity
order by period, currency, legal_entity, platform;
