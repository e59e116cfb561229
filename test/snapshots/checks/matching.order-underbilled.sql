-- {p0} = ["erp","crm","billing","support","provisioning"]
-- {p1} = "fulfilled"
-- {p2} = ["erp","crm","billing","support","provisioning"]
-- {p3} = ["open","paid","uncollectible","credited"]
-- {p4} = "0.02"
-- {p5} = "fulfilled"
-- {p6} = ["open","paid","uncollectible","credited"]
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
      '' as day,
      uniqExactIf(ok, live and ok is not null) > 1 or uniqExactIf(concat(toString(amount), ' ', ifNull(in_currency, '')), live and amount is not null) > 1 as doubt
    from (
      select eid, customer_eid as of_customer, toString(platform) as asked, deleted = 0 as live, 0 as broken, indexOf({p0:Array(String)}, toString(platform)) as place, cast(eid, 'Nullable(UInt64)') as ref,
        if(not bitAnd(held, toUInt64(1)) != 0 or bitAnd(unmapped, toUInt64(1)) != 0 or bitAnd(invalid, toUInt64(1)) != 0, null, if(bitAnd(empty, toUInt64(1)) != 0, 0, cast(toString(`state`), 'Nullable(String)') = {p1:String})) as ok, if(bitAnd(invalid, toUInt64(32)) != 0, null, `amount`) as amount, if(bitAnd(invalid, toUInt64(128)) != 0, null, cast(`currency`, 'Nullable(String)')) as in_currency, cast(null, 'Nullable(String)') as on_day
      from `plumbline`.`current_order` final
      prewhere 1
    )
    group by eid, spot
  ),
  p1 as (
    select eid, '' as spot, max(of_customer) as customer, toUInt8(max(ref) is null and max(broken) = 0) as loose, ifNull(coalesce(argMinIf(ref, place, live and ref is not null), max(ref)), eid) as key,
      ifNull(argMinIf(ok, place, live and ok is not null), 0) = 1 as counts,
      argMinIf(amount, place, live and amount is not null) as value,
      ifNull(argMinIf(in_currency, place, live and amount is not null and in_currency is not null), '') as currency,
      '' as day,
      uniqExactIf(ok, live and ok is not null) > 1 or uniqExactIf(concat(toString(amount), ' ', ifNull(in_currency, '')), live and amount is not null) > 1 as doubt
    from (
      select eid, customer_eid as of_customer, toString(platform) as asked, deleted = 0 as live, ifNull(`order`, '') != '' and `order_eid` = 0 as broken, indexOf({p2:Array(String)}, toString(platform)) as place, nullIf(`order_eid`, 0) as ref,
        (if(not bitAnd(held, toUInt64(1)) != 0 or bitAnd(unmapped, toUInt64(1)) != 0 or bitAnd(invalid, toUInt64(1)) != 0, null, if(bitAnd(empty, toUInt64(1)) != 0, 0, cast(toString(`state`), 'Nullable(String)') in {p3:Array(String)})) and if(not bitAnd(held, toUInt64(8)) != 0 or bitAnd(unmapped, toUInt64(8)) != 0 or bitAnd(invalid, toUInt64(8)) != 0, null, bitAnd(empty, toUInt64(8)) != 0)) as ok, if(bitAnd(invalid, toUInt64(32)) != 0, null, `total`) - if(bitAnd(invalid, toUInt64(64)) != 0, null, `tax`) as amount, if(bitAnd(invalid, toUInt64(256)) != 0, null, cast(`currency`, 'Nullable(String)')) as in_currency, cast(null, 'Nullable(String)') as on_day
      from `plumbline`.`current_invoice` final
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
    ) as m
    left join confirmed on confirmed_key = m.key
  ),
  groups as (
    select grp, spot, max(filed) as main_entity, max(passed) as allowance, min(unnamed) as loose, groupArray((part, eid)) as members, toUInt8(0) as pooled
    from keyed
    where 1
    group by grp, spot
    having countIf(counted) + countIf(doubt) > 0 and (countIf(doubt) > 0 or uniqExactIf(currency, counted) > 1 or not (multiIf(countIf(counted and part in (0)) = 0, 1, countIf(counted and not part in (0)) = 0, 1, (countIf(counted and value is null) > 0 or (ifNull(sumIf(value, counted and not part in (0)), 0) - ifNull(sumIf(value, counted and part in (0)), 0)) >= -(toDecimal128({p4:String}, 9) + ifNull(max(passed), toDecimal128(0, 9)))) and (countIf(counted and part in (0)) <= 1 or max(filed) != ''))))
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
      groupArray(tuple(cast(tuple(toString(platform), record_id, deleted, merged_into, if(bitAnd(unmapped, toUInt64(1)) != 0, null, cast(`state`, 'Nullable(String)')), cast(null, 'Nullable(String)'), if(bitAnd(unmapped, toUInt64(2048)) != 0, null, cast(`legal_entity`, 'Nullable(String)')), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)'), created_at, changed_at, changed_by, observed_at, toString(stamp), toUInt8(bitCount(bitAnd(held, bitNot(bitOr(empty, invalid))))), cast(toString(`amount`), 'Nullable(String)'), cast(`currency`, 'Nullable(String)')), 'Tuple(platform String, record_id String, deleted UInt8, merged_into Nullable(String), state Nullable(String), role Nullable(String), legal_entity Nullable(String), region Nullable(String), brand Nullable(String), created_at Nullable(DateTime64(3, \'UTC\')), changed_at Nullable(DateTime64(3, \'UTC\')), changed_by Nullable(String), observed_at DateTime64(3, \'UTC\'), stamp String, filled UInt8, worth Nullable(String), worth_currency Nullable(String))'), cast(tuple(cast(toString(if(not bitAnd(held, toUInt64(1)) != 0 or bitAnd(unmapped, toUInt64(1)) != 0 or bitAnd(invalid, toUInt64(1)) != 0, null, if(bitAnd(empty, toUInt64(1)) != 0, 0, cast(toString(`state`), 'Nullable(String)') = {p5:String}))), 'Nullable(String)'), cast(toString(if(bitAnd(invalid, toUInt64(32)) != 0, null, `amount`)), 'Nullable(String)'), if(bitAnd(invalid, toUInt64(128)) != 0, null, cast(`currency`, 'Nullable(String)')), cast(null, 'Nullable(String)')), 'Tuple(ok Nullable(String), value Nullable(String), currency Nullable(String), day Nullable(String))'))) as copies
    from `plumbline`.`current_order` final
    prewhere eid in (select member.2 from groups array join members as member where member.1 = 0)
    group by eid, spot
  union all
  select toUInt8(1) as part, eid, '' as spot, any(entity_id) as entity_id, any(customer_entity_id) as customer_entity_id,
      groupArray(tuple(cast(tuple(toString(platform), record_id, deleted, merged_into, if(bitAnd(unmapped, toUInt64(1)) != 0, null, cast(`state`, 'Nullable(String)')), cast(null, 'Nullable(String)'), if(bitAnd(unmapped, toUInt64(16384)) != 0, null, cast(`legal_entity`, 'Nullable(String)')), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)'), created_at, changed_at, changed_by, observed_at, toString(stamp), toUInt8(bitCount(bitAnd(held, bitNot(bitOr(empty, invalid))))), cast(toString(`total`), 'Nullable(String)'), cast(`currency`, 'Nullable(String)')), 'Tuple(platform String, record_id String, deleted UInt8, merged_into Nullable(String), state Nullable(String), role Nullable(String), legal_entity Nullable(String), region Nullable(String), brand Nullable(String), created_at Nullable(DateTime64(3, \'UTC\')), changed_at Nullable(DateTime64(3, \'UTC\')), changed_by Nullable(String), observed_at DateTime64(3, \'UTC\'), stamp String, filled UInt8, worth Nullable(String), worth_currency Nullable(String))'), cast(tuple(cast(toString((if(not bitAnd(held, toUInt64(1)) != 0 or bitAnd(unmapped, toUInt64(1)) != 0 or bitAnd(invalid, toUInt64(1)) != 0, null, if(bitAnd(empty, toUInt64(1)) != 0, 0, cast(toString(`state`), 'Nullable(String)') in {p6:Array(String)})) and if(not bitAnd(held, toUInt64(8)) != 0 or bitAnd(unmapped, toUInt64(8)) != 0 or bitAnd(invalid, toUInt64(8)) != 0, null, bitAnd(empty, toUInt64(8)) != 0))), 'Nullable(String)'), cast(toString(if(bitAnd(invalid, toUInt64(32)) != 0, null, `total`) - if(bitAnd(invalid, toUInt64(64)) != 0, null, `tax`)), 'Nullable(String)'), if(bitAnd(invalid, toUInt64(256)) != 0, null, cast(`currency`, 'Nullable(String)')), cast(null, 'Nullable(String)')), 'Tuple(ok Nullable(String), value Nullable(String), currency Nullable(String), day Nullable(String))'))) as copies
    from `plumbline`.`current_invoice` final
    prewhere eid in (select member.2 from groups array join members as member where member.1 = 1)
    group by eid, spot
) as t on t.part = g.part and t.eid = g.eid and t.spot = g.spot
order by grp, spot, part, eid;
