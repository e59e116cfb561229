-- {states} = ["pending_approval","booked","blocked","fulfilled","cancelled"]
-- {on_0} = ["crm"]
-- {on_1} = ["erp"]
with
  -- One bit a requirement: an entity that meets all of them needs no second look. A state that nobody knows may be any.
  incomplete as (
    select eid
    from `plumbline`.`current_order` final
    prewhere 1
    where deleted = 0
    group by eid
    having groupBitOr(toUInt64(if(toString(platform) in {on_0:Array(String)}, 1, 0) + if(toString(platform) in {on_1:Array(String)}, 2, 0))) != 3
      and countIf(state is null or state in {states:Array(String)}) > 0
  ),
  entities as (
    select eid, any(entity_id) as entity_id, any(customer_eid) as customer_eid, any(customer_entity_id) as customer_entity_id,
      groupArray(cast(tuple(toString(platform), record_id, deleted, merged_into, if(bitAnd(unmapped, toUInt64(1)) != 0, null, cast(`state`, 'Nullable(String)')), cast(null, 'Nullable(String)'), if(bitAnd(unmapped, toUInt64(2048)) != 0, null, cast(`legal_entity`, 'Nullable(String)')), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)'), created_at, changed_at, changed_by, observed_at, toString(stamp), toUInt8(bitCount(bitAnd(held, bitNot(bitOr(empty, invalid))))), cast(toString(`amount`), 'Nullable(String)'), cast(`currency`, 'Nullable(String)')), 'Tuple(platform String, record_id String, deleted UInt8, merged_into Nullable(String), state Nullable(String), role Nullable(String), legal_entity Nullable(String), region Nullable(String), brand Nullable(String), created_at Nullable(DateTime64(3, \'UTC\')), changed_at Nullable(DateTime64(3, \'UTC\')), changed_by Nullable(String), observed_at DateTime64(3, \'UTC\'), stamp String, filled UInt8, worth Nullable(String), worth_currency Nullable(String))')) as holders,
      groupArray(cast(refs, 'Map(String, String)')) as refs
    from `plumbline`.`current_order` final
    prewhere eid in (select eid from incomplete)
    group by eid
  )
select eid, entity_id, customer_eid, customer_entity_id, holders, refs, cast([], 'Array(Tuple(platform String, legal_entity String))') as customer_scope
from entities
order by eid;
