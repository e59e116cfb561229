with
  deep_0 as (
    select eid, toString(platform) as at_platform, `parent_eid` as up
    from `plumbline`.`current_customer` final
    where deleted = 0 and `parent_eid` != 0 and `parent_eid` != eid
  ),
  -- Who has a parent that has a parent: after a few steps only loops and very deep trees are left.
  deep_1 as (select * from deep_0 where (at_platform, up) in (select at_platform, eid from deep_0)),
  deep_2 as (select * from deep_1 where (at_platform, up) in (select at_platform, eid from deep_1)),
  deep_3 as (select * from deep_2 where (at_platform, up) in (select at_platform, eid from deep_2)),
  deep_4 as (select * from deep_3 where (at_platform, up) in (select at_platform, eid from deep_3)),
  deep_5 as (select * from deep_4 where (at_platform, up) in (select at_platform, eid from deep_4)),
  deep_6 as (select * from deep_5 where (at_platform, up) in (select at_platform, eid from deep_5)),
  selves as (
    select eid from `plumbline`.`current_customer` final
    where deleted = 0 and ifNull(`parent`, '') != '' and (`parent` = record_id or `parent` = concat(toString(platform), ':', record_id))
  ),
  differing as (
    select eid from `plumbline`.`current_customer` final
    where deleted = 0 and bitAnd(held, toUInt64(256)) != 0 and eid in (select eid from deep_0)
    group by eid
    having uniqExact(`parent_eid`) > 1
  ),
  wanted as (
    select eid from deep_6 union distinct select eid from selves union distinct select eid from differing
  )
select toString(c.eid) as eid, c.entity_id as entity_id, toString(c.up) as parent, ifNull(parents.entity_id, '') as parent_entity, c.holds as holds, c.own as own, c.holder as holder
from (
  select eid, entity_id, `parent_eid` as up, toUInt8(bitAnd(held, toUInt64(256)) != 0) as holds, toUInt8(ifNull(`parent` = record_id or `parent` = concat(toString(platform), ':', record_id), 0)) as own,
    cast(tuple(toString(platform), record_id, deleted, merged_into, if(bitAnd(unmapped, toUInt64(1)) != 0, null, cast(`state`, 'Nullable(String)')), if(bitAnd(unmapped, toUInt64(1024)) != 0, null, cast(`role`, 'Nullable(String)')), if(bitAnd(unmapped, toUInt64(512)) != 0, null, cast(`legal_entity`, 'Nullable(String)')), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)'), created_at, changed_at, changed_by, observed_at, toString(stamp), toUInt8(bitCount(bitAnd(held, bitNot(bitOr(empty, invalid))))), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)')), 'Tuple(platform String, record_id String, deleted UInt8, merged_into Nullable(String), state Nullable(String), role Nullable(String), legal_entity Nullable(String), region Nullable(String), brand Nullable(String), created_at Nullable(DateTime64(3, \'UTC\')), changed_at Nullable(DateTime64(3, \'UTC\')), changed_by Nullable(String), observed_at DateTime64(3, \'UTC\'), stamp String, filled UInt8, worth Nullable(String), worth_currency Nullable(String))') as holder
  from `plumbline`.`current_customer` final
  prewhere eid in (select eid from wanted)
  where deleted = 0
) as c
left join (
  select eid, any(entity_id) as entity_id from `plumbline`.`current_customer` final
  where deleted = 0 and eid in (select up from deep_0)
  group by eid
) as parents on parents.eid = c.up
order by eid, holder.platform, holder.record_id;
