-- {roles} = ["sold_to","bill_to","ship_to"]
with
  (select groupUniqArray((assumeNotNull(role), toString(platform))) from `plumbline`.`current_customer` where role in {roles:Array(String)} and deleted = 0 and gone = 0) as kept,
  parts as (
    select eid, assumeNotNull(role) as of_role, toString(platform) as at_platform, arraySort(groupArray(multiIf(role = 'ship_to', cityHash64(toString([if(bitAnd(invalid, toUInt64(1048576)) != 0 or bitAnd(unmapped, toUInt64(1048576)) != 0, null, cast(`ship_to_line1_key`, 'Nullable(String)')), if(bitAnd(invalid, toUInt64(2097152)) != 0 or bitAnd(unmapped, toUInt64(2097152)) != 0, null, cast(`ship_to_line2_key`, 'Nullable(String)')), if(bitAnd(invalid, toUInt64(4194304)) != 0 or bitAnd(unmapped, toUInt64(4194304)) != 0, null, cast(`ship_to_city_key`, 'Nullable(String)')), if(bitAnd(invalid, toUInt64(8388608)) != 0 or bitAnd(unmapped, toUInt64(8388608)) != 0, null, cast(`ship_to_region_key`, 'Nullable(String)')), if(bitAnd(invalid, toUInt64(16777216)) != 0 or bitAnd(unmapped, toUInt64(16777216)) != 0, null, cast(`ship_to_postal_code_key`, 'Nullable(String)')), if(bitAnd(invalid, toUInt64(33554432)) != 0 or bitAnd(unmapped, toUInt64(33554432)) != 0, null, cast(`ship_to_country`, 'Nullable(String)'))])), cityHash64(toString([if(bitAnd(invalid, toUInt64(16384)) != 0 or bitAnd(unmapped, toUInt64(16384)) != 0, null, cast(`bill_to_line1_key`, 'Nullable(String)')), if(bitAnd(invalid, toUInt64(32768)) != 0 or bitAnd(unmapped, toUInt64(32768)) != 0, null, cast(`bill_to_line2_key`, 'Nullable(String)')), if(bitAnd(invalid, toUInt64(65536)) != 0 or bitAnd(unmapped, toUInt64(65536)) != 0, null, cast(`bill_to_city_key`, 'Nullable(String)')), if(bitAnd(invalid, toUInt64(131072)) != 0 or bitAnd(unmapped, toUInt64(131072)) != 0, null, cast(`bill_to_region_key`, 'Nullable(String)')), if(bitAnd(invalid, toUInt64(262144)) != 0 or bitAnd(unmapped, toUInt64(262144)) != 0, null, cast(`bill_to_postal_code_key`, 'Nullable(String)')), if(bitAnd(invalid, toUInt64(524288)) != 0 or bitAnd(unmapped, toUInt64(524288)) != 0, null, cast(`bill_to_country`, 'Nullable(String)'))]))))) as addresses
    from `plumbline`.`current_customer` final
    prewhere 1
    where deleted = 0 and role in {roles:Array(String)}
    group by eid, of_role, at_platform
  ),
  homes as (
    select eid, groupUniqArray(toString(platform)) as platforms
    from `plumbline`.`current_customer` final
    prewhere eid in (select eid from parts)
    where deleted = 0
    group by eid
  ),
  differing as (
    select distinct sets.eid as eid
    from (
      select eid, of_role, count() as there, uniqExact(addresses) as ways
      from parts
      group by eid, of_role
    ) as sets
    inner join homes on homes.eid = sets.eid
    where ways > 1 or there < arrayCount(p -> has(kept, (of_role, p)), platforms)
  )
select toString(eid) as eid, any(entity_id) as entity_id, groupArray(cast(tuple(toString(platform), record_id, deleted, merged_into, if(bitAnd(unmapped, toUInt64(1)) != 0, null, cast(`state`, 'Nullable(String)')), if(bitAnd(unmapped, toUInt64(1024)) != 0, null, cast(`role`, 'Nullable(String)')), if(bitAnd(unmapped, toUInt64(512)) != 0, null, cast(`legal_entity`, 'Nullable(String)')), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)'), created_at, changed_at, changed_by, observed_at, toString(stamp), toUInt8(bitCount(bitAnd(held, bitNot(bitOr(empty, invalid))))), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)')), 'Tuple(platform String, record_id String, deleted UInt8, merged_into Nullable(String), state Nullable(String), role Nullable(String), legal_entity Nullable(String), region Nullable(String), brand Nullable(String), created_at Nullable(DateTime64(3, \'UTC\')), changed_at Nullable(DateTime64(3, \'UTC\')), changed_by Nullable(String), observed_at DateTime64(3, \'UTC\'), stamp String, filled UInt8, worth Nullable(String), worth_currency Nullable(String))')) as holders,
  groupArray(cast(tuple([if(bitAnd(invalid, toUInt64(16384)) != 0 or bitAnd(unmapped, toUInt64(16384)) != 0, null, cast(`bill_to_line1_key`, 'Nullable(String)')), if(bitAnd(invalid, toUInt64(32768)) != 0 or bitAnd(unmapped, toUInt64(32768)) != 0, null, cast(`bill_to_line2_key`, 'Nullable(String)')), if(bitAnd(invalid, toUInt64(65536)) != 0 or bitAnd(unmapped, toUInt64(65536)) != 0, null, cast(`bill_to_city_key`, 'Nullable(String)')), if(bitAnd(invalid, toUInt64(131072)) != 0 or bitAnd(unmapped, toUInt64(131072)) != 0, null, cast(`bill_to_region_key`, 'Nullable(String)')), if(bitAnd(invalid, toUInt64(262144)) != 0 or bitAnd(unmapped, toUInt64(262144)) != 0, null, cast(`bill_to_postal_code_key`, 'Nullable(String)')), if(bitAnd(invalid, toUInt64(524288)) != 0 or bitAnd(unmapped, toUInt64(524288)) != 0, null, cast(`bill_to_country`, 'Nullable(String)'))], [if(bitAnd(invalid, toUInt64(1048576)) != 0 or bitAnd(unmapped, toUInt64(1048576)) != 0, null, cast(`ship_to_line1_key`, 'Nullable(String)')), if(bitAnd(invalid, toUInt64(2097152)) != 0 or bitAnd(unmapped, toUInt64(2097152)) != 0, null, cast(`ship_to_line2_key`, 'Nullable(String)')), if(bitAnd(invalid, toUInt64(4194304)) != 0 or bitAnd(unmapped, toUInt64(4194304)) != 0, null, cast(`ship_to_city_key`, 'Nullable(String)')), if(bitAnd(invalid, toUInt64(8388608)) != 0 or bitAnd(unmapped, toUInt64(8388608)) != 0, null, cast(`ship_to_region_key`, 'Nullable(String)')), if(bitAnd(invalid, toUInt64(16777216)) != 0 or bitAnd(unmapped, toUInt64(16777216)) != 0, null, cast(`ship_to_postal_code_key`, 'Nullable(String)')), if(bitAnd(invalid, toUInt64(33554432)) != 0 or bitAnd(unmapped, toUInt64(33554432)) != 0, null, cast(`ship_to_country`, 'Nullable(String)'))]), 'Tuple(bill_to Array(Nullable(String)), ship_to Array(Nullable(String)))')) as addresses, any(kept) as keepers
from `plumbline`.`current_customer` final
prewhere eid in (select eid from differing)
group by eid
order by eid;
