-- {except} = ["closed"]
with
  -- Superseded versions may add a suspect; the next step reads the latest alone.
  several as (
    select eid
    from `plumbline`.`current_customer`
    prewhere 1
    where deleted = 0 and gone = 0
    group by eid
    having count() > uniqExact(platform)
  ),
  merged as (
    select eid as of_eid, groupArray((toString(platform), record_id, assumeNotNull(merged_into), changed_at, changed_by)) as merged
    from `plumbline`.`current_customer` final
    prewhere eid in (select eid from several)
    where merged_into is not null
    group by eid
  )
select toString(eid) as shared, toString(platform) as platform, eid, any(entity_id) as entity_id, any(customer_entity_id) as customer_entity_id,
  groupArray(cast(tuple(toString(platform), record_id, deleted, merged_into, if(bitAnd(unmapped, toUInt64(1)) != 0, null, cast(`state`, 'Nullable(String)')), if(bitAnd(unmapped, toUInt64(1024)) != 0, null, cast(`role`, 'Nullable(String)')), if(bitAnd(unmapped, toUInt64(512)) != 0, null, cast(`legal_entity`, 'Nullable(String)')), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)'), created_at, changed_at, changed_by, observed_at, toString(stamp), toUInt8(bitCount(bitAnd(held, bitNot(bitOr(empty, invalid))))), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)')), 'Tuple(platform String, record_id String, deleted UInt8, merged_into Nullable(String), state Nullable(String), role Nullable(String), legal_entity Nullable(String), region Nullable(String), brand Nullable(String), created_at Nullable(DateTime64(3, \'UTC\')), changed_at Nullable(DateTime64(3, \'UTC\')), changed_by Nullable(String), observed_at DateTime64(3, \'UTC\'), stamp String, filled UInt8, worth Nullable(String), worth_currency Nullable(String))')) as holders, groupArray(toUInt8(`parent_eid` = eid and eid != 0)) as child, any(merged.merged) as merged
from `plumbline`.`current_customer` final
left join merged on merged.of_eid = eid
prewhere eid in (select eid from several)
where deleted = 0 and (state is null or state not in {except:Array(String)})
group by eid, platform
having count() > 1
order by shared, platform;
