-- {p0} = ["upcoming","in_progress"]
-- {p1} = "2026-11-20"
-- {p2} = 1
-- {p3} = ["upcoming","in_progress"]
-- {p4} = "2026-11-20"
-- {p5} = 1
with
  wanted as (
    select eid, any(customer_eid) as customer
    from `plumbline`.`current_renewal` final
    prewhere 1
    where deleted = 0
    group by eid
    having max(ifNull((if(not bitAnd(held, toUInt64(1)) != 0 or bitAnd(unmapped, toUInt64(1)) != 0 or bitAnd(invalid, toUInt64(1)) != 0, null, if(bitAnd(empty, toUInt64(1)) != 0, 0, cast(toString(`state`), 'Nullable(String)') in {p0:Array(String)})) and if(not bitAnd(held, toUInt64(32)) != 0 or bitAnd(unmapped, toUInt64(32)) != 0 or bitAnd(invalid, toUInt64(32)) != 0, null, if(bitAnd(empty, toUInt64(32)) != 0, 0, `due_on` < substring(toString(toDate32({p1:String}) - {p2:Int32}), 1, length(`due_on`))))), 0)) = 1
  ),
  candidates as (
    select wanted.eid as eid, wanted.customer as customer
    from wanted
  ),
  subjects as (
    select eid, any(entity_id) as entity_id, any(customer_eid) as customer_eid, any(customer_entity_id) as customer_entity_id, groupArray(tuple(cast(tuple(toString(platform), record_id, deleted, merged_into, if(bitAnd(unmapped, toUInt64(1)) != 0, null, cast(`state`, 'Nullable(String)')), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)'), created_at, changed_at, changed_by, observed_at, toString(stamp), toUInt8(bitCount(bitAnd(held, bitNot(bitOr(empty, invalid))))), cast(toString(`amount`), 'Nullable(String)'), cast(`currency`, 'Nullable(String)')), 'Tuple(platform String, record_id String, deleted UInt8, merged_into Nullable(String), state Nullable(String), role Nullable(String), legal_entity Nullable(String), region Nullable(String), brand Nullable(String), created_at Nullable(DateTime64(3, \'UTC\')), changed_at Nullable(DateTime64(3, \'UTC\')), changed_by Nullable(String), observed_at DateTime64(3, \'UTC\'), stamp String, filled UInt8, worth Nullable(String), worth_currency Nullable(String))'), cast(tuple(cast(toString((if(not bitAnd(held, toUInt64(1)) != 0 or bitAnd(unmapped, toUInt64(1)) != 0 or bitAnd(invalid, toUInt64(1)) != 0, null, if(bitAnd(empty, toUInt64(1)) != 0, 0, cast(toString(`state`), 'Nullable(String)') in {p3:Array(String)})) and if(not bitAnd(held, toUInt64(32)) != 0 or bitAnd(unmapped, toUInt64(32)) != 0 or bitAnd(invalid, toUInt64(32)) != 0, null, if(bitAnd(empty, toUInt64(32)) != 0, 0, `due_on` < substring(toString(toDate32({p4:String}) - {p5:Int32}), 1, length(`due_on`)))))), 'Nullable(String)'), cast(toString(`amount`), 'Nullable(String)'), cast(toString(`currency`), 'Nullable(String)')), 'Tuple(ok Nullable(String), v_amount Nullable(String), v_currency Nullable(String))'))) as copies
    from `plumbline`.`current_renewal` final
    prewhere eid in (select eid from candidates)
    where deleted = 0
    group by eid
  )
select subjects.eid as eid, subjects.entity_id as entity_id, subjects.customer_eid as customer_eid, subjects.customer_entity_id as customer_entity_id, subjects.copies as copies,
  cast([], 'Array(Tuple(String, Array(Tuple(UInt8, UInt8))))') as found
from subjects
order by eid;
