-- {p0} = ["erp","crm","billing","support","provisioning"]
-- {p1} = "paid"
-- {p2} = ["erp","crm","billing","support","provisioning"]
-- {p3} = "succeeded"
-- {p4} = ["billing","crm","erp","support","provisioning"]
-- {p5} = ["posted","applied"]
-- {p6} = "0.02"
-- {p7} = "paid"
-- {p8} = "succeeded"
-- {p9} = ["posted","applied"]
with
  confirmed as (
    select key as confirmed_key, main, main_entity as confirmed_entity, allowance as confirmed_allowance
    from `plumbline`.matched_keys final
    where gone = 0
  ),
  p0 as (
    select eid, '' as spot, max(of_customer) as customer, toUInt8(0) as loose, ifNull(coalesce(argMinIf(ref, place, live and ref is not null), max(ref)), eid) as key,
      ifNull(argMinIf(ok, place, live and ok is not null), 0) = 1 as counts,
      argMinIf(amount, place, live and amount is not null) as value,
      ifNull(argMinIf(in_currency, place, live and amount is not null and in_currency is not null), '') as currency,
      ifNull(argMinIf(on_day, place, live and on_day is not null), '') as day,
      uniqExactIf(ok, live and ok is not null) > 1 or uniqExactIf(concat(toString(amount), ' ', ifNull(in_currency, '')), live and amount is not null) > 1 as doubt
    from (
      select eid, customer_eid as of_customer, toString(platform) as asked, deleted = 0 as live, 0 as broken, indexOf({p0:Array(String)}, toString(platform)) as place, cast(eid, 'Nullable(UInt64)') as ref,
        if(not bitAnd(held, toUInt64(1)) != 0 or bitAnd(unmapped, toUInt64(1)) != 0 or bitAnd(invalid, toUInt64(1)) != 0, null, if(bitAnd(empty, toUInt64(1)) != 0, 0, cast(toString(`state`), 'Nullable(String)') = {p1:String})) as ok, if(bitAnd(invalid, toUInt64(32)) != 0, null, `total`) as amount, if(bitAnd(invalid, toUInt64(256)) != 0, null, cast(`currency`, 'Nullable(String)')) as in_currency, cast(substring(cast(toString(`issued_on`), 'Nullable(String)'), 1, 10), 'Nullable(String)') as on_day
      from `plumbline`.`current_invoice` final
      prewhere 1
    )
    group by eid, spot
  ),
  p1 as (
    select eid, '' as spot, max(of_customer) as customer, toUInt8(max(ref) is null and max(broken) = 0) as loose, ifNull(coalesce(argMinIf(ref, place, live and ref is not null), max(ref)), eid) as key,
      ifNull(argMinIf(ok, place, live and ok is not null), 0) = 1 as counts,
      argMinIf(amount, place, live and amount is not null) as value,
      ifNull(argMinIf(in_currency, place, live and amount is not null and in_currency is not null), '') as currency,
      ifNull(argMinIf(on_day, place, live and on_day is not null), '') as day,
      uniqExactIf(ok, live and ok is not null) > 1 or uniqExactIf(concat(toString(amount), ' ', ifNull(in_currency, '')), live and amount is not null) > 1 as doubt
    from (
      select eid, customer_eid as of_customer, toString(platform) as asked, deleted = 0 as live, ifNull(`invoice`, '') != '' and `invoice_eid` = 0 as broken, indexOf({p2:Array(String)}, toString(platform)) as place, nullIf(`invoice_eid`, 0) as ref,
        if(not bitAnd(held, toUInt64(1)) != 0 or bitAnd(unmapped, toUInt64(1)) != 0 or bitAnd(invalid, toUInt64(1)) != 0, null, if(bitAnd(empty, toUInt64(1)) != 0, 0, cast(toString(`state`), 'Nullable(String)') = {p3:String})) as ok, if(bitAnd(invalid, toUInt64(8)) != 0, null, `amount`) as amount, if(bitAnd(invalid, toUInt64(16)) != 0, null, cast(`currency`, 'Nullable(String)')) as in_currency, cast(substring(concat(replaceOne(toString(`received_at`), ' ', 'T'), 'Z'), 1, 10), 'Nullable(String)') as on_day
      from `plumbline`.`current_payment` final
      prewhere 1
    )
    group by eid, spot
  ),
  p2 as (
    select eid, '' as spot, max(of_customer) as customer, toUInt8(max(ref) is null and max(broken) = 0) as loose, ifNull(coalesce(argMinIf(ref, place, live and ref is not null), max(ref)), eid) as key,
      ifNull(argMinIf(ok, place, live and ok is not null), 0) = 1 as counts,
      argMinIf(amount, place, live and amount is not null) as value,
      ifNull(argMinIf(in_currency, place, live and amount is not null and in_currency is not null), '') as currency,
      ifNull(argMinIf(on_day, place, live and on_day is not null), '') as day,
      uniqExactIf(ok, live and ok is not null) > 1 or uniqExactIf(concat(toString(amount), ' ', ifNull(in_currency, '')), live and amount is not null) > 1 as doubt
    from (
      select eid, customer_eid as of_customer, toString(platform) as asked, deleted = 0 as live, ifNull(`invoice`, '') != '' and `invoice_eid` = 0 as broken, indexOf({p4:Array(String)}, toString(platform)) as place, nullIf(`invoice_eid`, 0) as ref,
        if(not bitAnd(held, toUInt64(1)) != 0 or bitAnd(unmapped, toUInt64(1)) != 0 or bitAnd(invalid, toUInt64(1)) != 0, null, if(bitAnd(empty, toUInt64(1)) != 0, 0, cast(toString(`state`), 'Nullable(String)') in {p5:Array(String)})) as ok, if(bitAnd(invalid, toUInt64(32)) != 0, null, `amount`) as amount, if(bitAnd(invalid, toUInt64(64)) != 0, null, cast(`currency`, 'Nullable(String)')) as in_currency, cast(substring(concat(replaceOne(toString(`posted_at`), ' ', 'T'), 'Z'), 1, 10), 'Nullable(String)') as on_day
      from `plumbline`.`current_credit` final
      prewhere 1
    )
    group by eid, spot
  ),
  keyed as (
    select part, eid, spot, customer, value, currency, day, doubt, loose and confirmed_key is null as unnamed, if(confirmed_key is null, key, assumeNotNull(main)) as grp, ifNull(confirmed_entity, '') as filed, confirmed_allowance as passed,
      toUInt8(counts) as counted
    from (
      select toUInt8(0) as part, eid, spot, customer, key, loose, counts, value, currency, day, doubt from p0
      union all
      select toUInt8(1) as part, eid, spot, customer, key, loose, counts, value, currency, day, doubt from p1
      union all
      select toUInt8(2) as part, eid, spot, customer, key, loose, counts, value, currency, day, doubt from p2
    ) as m
    left join confirmed on confirmed_key = m.key
  ),
  sums as (
    select grp, spot, max(filed) as main_entity, max(passed) as allowance, min(unnamed) as loose, groupArray((part, eid)) as members, anyIf(currency, counted) as in_currency, argMin(customer, part) as customer,
      countIf(counted and part in (0)) > 0 as has_left, greatest(ifNull(sumIf(value, counted and part in (0)), 0) - ifNull(sumIf(value, counted and part not in (0)), 0), 0) as short, ifNull(sumIf(value, counted and part not in (0)), 0) as has, countIf(counted) + countIf(doubt) > 0 and (countIf(doubt) > 0 or uniqExactIf(currency, counted) > 1 or not (multiIf(countIf(counted and part in (0)) = 0, countIf(counted and not part in (0)) = 0 or min(unnamed) = 0, countIf(counted and not part in (0)) = 0, abs(ifNull(sumIf(value, counted and part in (0)), 0)) <= (toDecimal128({p6:String}, 9) + ifNull(max(passed), toDecimal128(0, 9))), (countIf(counted and value is null) > 0 or (ifNull(sumIf(value, counted and not part in (0)), 0) - ifNull(sumIf(value, counted and part in (0)), 0)) >= -(toDecimal128({p6:String}, 9) + ifNull(max(passed), toDecimal128(0, 9))))))) as candidate
    from keyed
    where 1
    group by grp, spot
  ),
  pools as (
    select customer as pool_customer, spot as pool_spot, in_currency as pool_currency, sumIf(short, has_left) as lacking, sumIf(has, loose) as free
    from sums
    where customer != 0
    group by pool_customer, pool_spot, pool_currency
  ),
  groups as (
    select grp, spot, main_entity, allowance, loose, members, toUInt8(ifNull(if(has_left, short > 0 and free >= lacking, loose and lacking >= free), 0)) as pooled
    from sums
    left join pools on pool_customer = sums.customer and pool_spot = sums.spot and pool_currency = sums.in_currency
    where candidate
  )
select toString(g.grp) as grp, g.spot as spot, g.main_entity as main_entity, toString(g.allowance) as allowance, g.pooled as pooled, g.loose as loose, g.part as part, toString(g.eid) as eid,
  t.entity_id as entity_id, t.customer_entity_id as customer_entity_id, t.copies as copies
from (
  select grp, spot, main_entity, allowance, pooled, loose, member.1 as part, member.2 as eid
  from groups
  array join members as member
) as g
inner join (
  select toUInt8(0) as part, eid, '' as spot, any(entity_id) as entity_id, any(customer_entity_id) as customer_entity_id,
      groupArray(tuple(cast(tuple(toString(platform), record_id, deleted, merged_into, if(bitAnd(unmapped, toUInt64(1)) != 0, null, cast(`state`, 'Nullable(String)')), cast(null, 'Nullable(String)'), if(bitAnd(unmapped, toUInt64(16384)) != 0, null, cast(`legal_entity`, 'Nullable(String)')), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)'), created_at, changed_at, changed_by, observed_at, toString(stamp), toUInt8(bitCount(bitAnd(held, bitNot(bitOr(empty, invalid))))), cast(toString(`total`), 'Nullable(String)'), cast(`currency`, 'Nullable(String)')), 'Tuple(platform String, record_id String, deleted UInt8, merged_into Nullable(String), state Nullable(String), role Nullable(String), legal_entity Nullable(String), region Nullable(String), brand Nullable(String), created_at Nullable(DateTime64(3, \'UTC\')), changed_at Nullable(DateTime64(3, \'UTC\')), changed_by Nullable(String), observed_at DateTime64(3, \'UTC\'), stamp String, filled UInt8, worth Nullable(String), worth_currency Nullable(String))'), cast(tuple(cast(toString(if(not bitAnd(held, toUInt64(1)) != 0 or bitAnd(unmapped, toUInt64(1)) != 0 or bitAnd(invalid, toUInt64(1)) != 0, null, if(bitAnd(empty, toUInt64(1)) != 0, 0, cast(toString(`state`), 'Nullable(String)') = {p7:String}))), 'Nullable(String)'), cast(toString(if(bitAnd(invalid, toUInt64(32)) != 0, null, `total`)), 'Nullable(String)'), if(bitAnd(invalid, toUInt64(256)) != 0, null, cast(`currency`, 'Nullable(String)')), cast(substring(cast(toString(`issued_on`), 'Nullable(String)'), 1, 10), 'Nullable(String)')), 'Tuple(ok Nullable(String), value Nullable(String), currency Nullable(String), day Nullable(String))'))) as copies
    from `plumbline`.`current_invoice` final
    prewhere eid in (select member.2 from groups array join members as member where member.1 = 0)
    group by eid, spot
  union all
  select toUInt8(1) as part, eid, '' as spot, any(entity_id) as entity_id, any(customer_entity_id) as customer_entity_id,
      groupArray(tuple(cast(tuple(toString(platform), record_id, deleted, merged_into, if(bitAnd(unmapped, toUInt64(1)) != 0, null, cast(`state`, 'Nullable(String)')), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)'), created_at, changed_at, changed_by, observed_at, toString(stamp), toUInt8(bitCount(bitAnd(held, bitNot(bitOr(empty, invalid))))), cast(toString(`amount`), 'Nullable(String)'), cast(`currency`, 'Nullable(String)')), 'Tuple(platform String, record_id String, deleted UInt8, merged_into Nullable(String), state Nullable(String), role Nullable(String), legal_entity Nullable(String), region Nullable(String), brand Nullable(String), created_at Nullable(DateTime64(3, \'UTC\')), changed_at Nullable(DateTime64(3, \'UTC\')), changed_by Nullable(String), observed_at DateTime64(3, \'UTC\'), stamp String, filled UInt8, worth Nullable(String), worth_currency Nullable(String))'), cast(tuple(cast(toString(if(not bitAnd(held, toUInt64(1)) != 0 or bitAnd(unmapped, toUInt64(1)) != 0 or bitAnd(invalid, toUInt64(1)) != 0, null, if(bitAnd(empty, toUInt64(1)) != 0, 0, cast(toString(`state`), 'Nullable(String)') = {p8:String}))), 'Nullable(String)'), cast(toString(if(bitAnd(invalid, toUInt64(8)) != 0, null, `amount`)), 'Nullable(String)'), if(bitAnd(invalid, toUInt64(16)) != 0, null, cast(`currency`, 'Nullable(String)')), cast(substring(concat(replaceOne(toString(`received_at`), ' ', 'T'), 'Z'), 1, 10), 'Nullable(String)')), 'Tuple(ok Nullable(String), value Nullable(String), currency Nullable(String), day Nullable(String))'))) as copies
    from `plumbline`.`current_payment` final
    prewhere eid in (select member.2 from groups array join members as member where member.1 = 1)
    group by eid, spot
  union all
  select toUInt8(2) as part, eid, '' as spot, any(entity_id) as entity_id, any(customer_entity_id) as customer_entity_id,
      groupArray(tuple(cast(tuple(toString(platform), record_id, deleted, merged_into, if(bitAnd(unmapped, toUInt64(1)) != 0, null, cast(`state`, 'Nullable(String)')), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)'), created_at, changed_at, changed_by, observed_at, toString(stamp), toUInt8(bitCount(bitAnd(held, bitNot(bitOr(empty, invalid))))), cast(toString(`amount`), 'Nullable(String)'), cast(`currency`, 'Nullable(String)')), 'Tuple(platform String, record_id String, deleted UInt8, merged_into Nullable(String), state Nullable(String), role Nullable(String), legal_entity Nullable(String), region Nullable(String), brand Nullable(String), created_at Nullable(DateTime64(3, \'UTC\')), changed_at Nullable(DateTime64(3, \'UTC\')), changed_by Nullable(String), observed_at DateTime64(3, \'UTC\'), stamp String, filled UInt8, worth Nullable(String), worth_currency Nullable(String))'), cast(tuple(cast(toString(if(not bitAnd(held, toUInt64(1)) != 0 or bitAnd(unmapped, toUInt64(1)) != 0 or bitAnd(invalid, toUInt64(1)) != 0, null, if(bitAnd(empty, toUInt64(1)) != 0, 0, cast(toString(`state`), 'Nullable(String)') in {p9:Array(String)}))), 'Nullable(String)'), cast(toString(if(bitAnd(invalid, toUInt64(32)) != 0, null, `amount`)), 'Nullable(String)'), if(bitAnd(invalid, toUInt64(64)) != 0, null, cast(`currency`, 'Nullable(String)')), cast(substring(concat(replaceOne(toString(`posted_at`), ' ', 'T'), 'Z'), 1, 10), 'Nullable(String)')), 'Tuple(ok Nullable(String), value Nullable(String), currency Nullable(String), day Nullable(String))'))) as copies
    from `plumbline`.`current_credit` final
    prewhere eid in (select member.2 from groups array join members as member where member.1 = 2)
    group by eid, spot
) as t on t.part = g.part and t.eid = g.eid and t.spot = g.spot
order by grp, spot, part, eid;
