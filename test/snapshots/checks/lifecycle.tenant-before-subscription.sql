-- {p0} = "active"
-- {p1} = "pending"
-- {p2} = "active"
-- {p3} = "pending"
-- {p4} = "pending"
with
  wanted as (
    select eid, any(customer_eid) as customer, groupUniqArrayIf(`subscription_eid`, `subscription_eid` != 0) as refs_0
    from `plumbline`.`current_tenant` final
    prewhere 1
    where deleted = 0
    group by eid
    having max(ifNull(if(not bitAnd(held, toUInt64(1)) != 0 or bitAnd(unmapped, toUInt64(1)) != 0 or bitAnd(invalid, toUInt64(1)) != 0, null, if(bitAnd(empty, toUInt64(1)) != 0, 0, cast(toString(`state`), 'Nullable(String)') = {p0:String})), 0)) = 1
  ),
  hit_0 as (
    select pairs.subject as joined, max(some_one) as some, max(whole_one) as whole
    from (select eid as subject, arrayJoin(refs_0) as ref from wanted) as pairs inner join (select eid, [eid] as keys, maxIf(ifNull(if(not bitAnd(held, toUInt64(1)) != 0 or bitAnd(unmapped, toUInt64(1)) != 0 or bitAnd(invalid, toUInt64(1)) != 0, null, if(bitAnd(empty, toUInt64(1)) != 0, 0, cast(toString(`state`), 'Nullable(String)') = {p1:String})), 0), 1) as some_one, countIf(1) > 0 and minIf(ifNull(if(not bitAnd(held, toUInt64(1)) != 0 or bitAnd(unmapped, toUInt64(1)) != 0 or bitAnd(invalid, toUInt64(1)) != 0, null, if(bitAnd(empty, toUInt64(1)) != 0, 0, cast(toString(`state`), 'Nullable(String)') = {p1:String})), 1), 1) = 1 as whole_one
      from `plumbline`.`current_subscription` final
      where deleted = 0
      group by eid) as things on things.eid = pairs.ref
    group by joined
  ),
  candidates as (
    select wanted.eid as eid, wanted.customer as customer
    from wanted
    left join hit_0 on hit_0.joined = wanted.eid
    where ifNull(hit_0.some, 0) = 1
  ),
  subjects as (
    select eid, any(entity_id) as entity_id, any(customer_eid) as customer_eid, any(customer_entity_id) as customer_entity_id, groupArray(tuple(cast(tuple(toString(platform), record_id, deleted, merged_into, if(bitAnd(unmapped, toUInt64(1)) != 0, null, cast(`state`, 'Nullable(String)')), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)'), created_at, changed_at, changed_by, observed_at, toString(stamp), toUInt8(bitCount(bitAnd(held, bitNot(bitOr(empty, invalid))))), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)')), 'Tuple(platform String, record_id String, deleted UInt8, merged_into Nullable(String), state Nullable(String), role Nullable(String), legal_entity Nullable(String), region Nullable(String), brand Nullable(String), created_at Nullable(DateTime64(3, \'UTC\')), changed_at Nullable(DateTime64(3, \'UTC\')), changed_by Nullable(String), observed_at DateTime64(3, \'UTC\'), stamp String, filled UInt8, worth Nullable(String), worth_currency Nullable(String))'), cast(tuple(cast(toString(if(not bitAnd(held, toUInt64(1)) != 0 or bitAnd(unmapped, toUInt64(1)) != 0 or bitAnd(invalid, toUInt64(1)) != 0, null, if(bitAnd(empty, toUInt64(1)) != 0, 0, cast(toString(`state`), 'Nullable(String)') = {p2:String}))), 'Nullable(String)')), 'Tuple(ok Nullable(String))'))) as copies
    from `plumbline`.`current_tenant` final
    prewhere eid in (select eid from candidates)
    where deleted = 0
    group by eid
  ),
  pairs_0 as (select distinct eid as subject, `subscription_eid` as related from `plumbline`.`current_tenant` final where deleted = 0 and `subscription_eid` != 0 and eid in (select eid from candidates)),
  found_0 as (
    select pairs_0.subject as subject, groupArray(tuple(things.entity_id, things.copies)) as found
    from pairs_0
    inner join (
      select eid, any(entity_id) as entity_id, groupArray(tuple(cast(tuple(toString(platform), record_id, deleted, merged_into, if(bitAnd(unmapped, toUInt64(1)) != 0, null, cast(`state`, 'Nullable(String)')), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)'), created_at, changed_at, changed_by, observed_at, toString(stamp), toUInt8(bitCount(bitAnd(held, bitNot(bitOr(empty, invalid))))), cast(toString(`amount`), 'Nullable(String)'), cast(`currency`, 'Nullable(String)')), 'Tuple(platform String, record_id String, deleted UInt8, merged_into Nullable(String), state Nullable(String), role Nullable(String), legal_entity Nullable(String), region Nullable(String), brand Nullable(String), created_at Nullable(DateTime64(3, \'UTC\')), changed_at Nullable(DateTime64(3, \'UTC\')), changed_by Nullable(String), observed_at DateTime64(3, \'UTC\'), stamp String, filled UInt8, worth Nullable(String), worth_currency Nullable(String))'), cast(tuple(cast(toString(if(not bitAnd(held, toUInt64(1)) != 0 or bitAnd(unmapped, toUInt64(1)) != 0 or bitAnd(invalid, toUInt64(1)) != 0, null, if(bitAnd(empty, toUInt64(1)) != 0, 0, cast(toString(`state`), 'Nullable(String)') = {p4:String}))), 'Nullable(String)')), 'Tuple(ok Nullable(String))'))) as copies
      from `plumbline`.`current_subscription` final
      where deleted = 0 and eid in (select related from pairs_0)
      group by eid
      having max(ifNull(if(not bitAnd(held, toUInt64(1)) != 0 or bitAnd(unmapped, toUInt64(1)) != 0 or bitAnd(invalid, toUInt64(1)) != 0, null, if(bitAnd(empty, toUInt64(1)) != 0, 0, cast(toString(`state`), 'Nullable(String)') = {p3:String})), 0)) = 1
    ) as things on things.eid = pairs_0.related
    group by subject
  )
select subjects.eid as eid, subjects.entity_id as entity_id, subjects.customer_eid as customer_eid, subjects.customer_entity_id as customer_entity_id, subjects.copies as copies,
  tuple(found_0.found) as found
from subjects
left join found_0 on found_0.subject = subjects.eid
order by eid;
