-- {except} = ["draft","void","cancelled"]
-- {owners} = ["erp"]
-- {settled_at} = 1795172400000
with
  documents as (
    select eid, customer_eid, toString(platform) as at_platform, if(not (bitAnd(invalid, toUInt64(32)) != 0 or bitAnd(unmapped, toUInt64(32)) != 0), `total`, null) as amount,
      if(not (bitAnd(invalid, toUInt64(256)) != 0 or bitAnd(unmapped, toUInt64(256)) != 0), cast(`currency`, 'Nullable(String)'), null) as in_currency,
      if(not (bitAnd(invalid, toUInt64(512)) != 0 or bitAnd(unmapped, toUInt64(512)) != 0), substring(cast(toString(`issued_on`), 'Nullable(String)'), 1, 7), null) as in_period, cast(`legal_entity`, 'Nullable(String)') as in_entity, addMilliseconds(coalesce(changed_at, created_at), multiIf(stamp = 'day', 86399999, stamp = 'min', 59999, 0)) as moved
    from `plumbline`.`current_invoice` final
    where deleted = 0 and (state is null or state not in {except:Array(String)}) and bitAnd(held, toUInt64(32)) != 0
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
  ifNull(coalesce(in_entity, thing_entity), '') as legal_entity,
  toString(ifNull(sum(amount), 0)) as total, toString(count()) as count, toString(ifNull(sumIf(amount, settled), 0)) as settled_total, toString(countIf(settled)) as settled_count,
  toString(uniqExactIf(customer_eid, customer_eid != 0)) as customers, toString(uniqExactIf(customer_eid, customer_eid != 0 and settled)) as settled_customers,
  max(moved) as latest, maxIf(moved, settled) as settled_latest
from (
  select *, ifNull(thing_moved <= fromUnixTimestamp64Milli({settled_at:Int64}, 'UTC'), 1) as settled
  from documents
  inner join things on things.eid = documents.eid
)
where period != '' and currency != ''
group by platform, period, currency, legal_entity
order by period, currency, legal_entity, platform;
