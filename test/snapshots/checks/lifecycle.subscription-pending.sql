-- {stuck_in} = ["pending"]
with
  suspects as (
    select distinct eid from `plumbline`.`current_subscription` final
    prewhere 1
    where deleted = 0 and not bitAnd(unmapped, toUInt64(1)) != 0 and state in {stuck_in:Array(String)}
  ),
  records as (
    select eid, entity_id, customer_eid, customer_entity_id, toString(platform) as platform, record_id,
      cast(tuple(toString(platform), record_id, deleted, merged_into, if(bitAnd(unmapped, toUInt64(1)) != 0, null, cast(`state`, 'Nullable(String)')), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)'), created_at, changed_at, changed_by, observed_at, toString(stamp), toUInt8(bitCount(bitAnd(held, bitNot(bitOr(empty, invalid))))), cast(toString(`amount`), 'Nullable(String)'), cast(`currency`, 'Nullable(String)')), 'Tuple(platform String, record_id String, deleted UInt8, merged_into Nullable(String), state Nullable(String), role Nullable(String), legal_entity Nullable(String), region Nullable(String), brand Nullable(String), created_at Nullable(DateTime64(3, \'UTC\')), changed_at Nullable(DateTime64(3, \'UTC\')), changed_by Nullable(String), observed_at DateTime64(3, \'UTC\'), stamp String, filled UInt8, worth Nullable(String), worth_currency Nullable(String))') as holder, toString(bitAnd(held, bitNot(bitOr(empty, invalid)))) as has_now
    from `plumbline`.`current_subscription` final
    prewhere eid in (select eid from suspects)
    where deleted = 0
  ),
  seen as (
    select toString(platform) as platform, record_id, seq, observed_at, ifNull(changed_at, observed_at) as at, changed_by as writer, assumeNotNull(toString(state)) as state, bitOr(bitNot(held), bitNot(empty)) as filled
    from `plumbline`.`versions_subscription`
    where (platform, record_id) in (select platform, record_id from records) and deleted = 0 and bitAnd(held, toUInt64(1)) != 0 and not bitAnd(empty, toUInt64(1)) != 0 and not bitAnd(unmapped, toUInt64(1)) != 0 and not bitAnd(invalid, toUInt64(1)) != 0 and isNotNull(state)
  ),
  marked as (
    select *, row_number() over one as place, lagInFrame(state) over one as before
    from seen
    window one as (partition by platform, record_id order by at, observed_at, seq rows between unbounded preceding and current row)
  ),
  numbered as (
    select *, countIf(place = 1 or state != before) over (partition by platform, record_id order by at, observed_at, seq rows between unbounded preceding and current row) as step
    from marked
  ),
  stays as (
    select platform, record_id, step, any(state) as state, argMin(numbered.writer, (numbered.at, numbered.observed_at, seq)) as writer,
      toString(groupBitOr(numbered.filled)) as filled, min(numbered.observed_at) as observed_at, min(numbered.at) as at
    from numbered
    group by platform, record_id, step
  ),
  trails as (
    select platform, record_id,
      cast(arrayMap(s -> (s.2, s.3, s.4, s.5, s.6), arraySort(groupArray((step, state, at, observed_at, writer, filled)))), 'Array(Tuple(state String, at DateTime64(3, \'UTC\'), observed_at DateTime64(3, \'UTC\'), writer Nullable(String), filled String))') as stays
    from stays
    group by platform, record_id
  )
select 'subscription' as kind, records.eid as eid, any(records.entity_id) as entity_id, any(records.customer_eid) as customer_eid, any(records.customer_entity_id) as customer_entity_id,
  groupArray(tuple(records.holder, records.has_now, trails.stays)) as copies
from records
left join trails on trails.platform = records.platform and trails.record_id = records.record_id
group by records.eid
order by eid;
