with
  -- Superseded and deleted versions may be among these rows: they can only add a suspect, and the next step reads the
  -- latest live ones. To leave them out would mean reading two more columns of everything.
  suspects as (
    select eid
    from `plumbline`.`current_customer`
    prewhere 1
    group by eid
    having minIf(`h_shipping`, bitAnd(held, toUInt64(66060288)) != 0) != maxIf(`h_shipping`, bitAnd(held, toUInt64(66060288)) != 0)
      or bitAnd(groupBitOr(unmapped), toUInt64(66060288)) != 0
  ),
  -- Most suspects differ in what is not compared here, or did so before: only keys are read to tell.
  differing as (
    with bitAnd(held, bitNot(bitOr(bitOr(empty, invalid), unmapped))) as said
    select eid
    from `plumbline`.`current_customer` final
    prewhere eid in (select eid from suspects)
    where deleted = 0
    group by eid
    having ifNull(min(if(bitTest(said, 20), `ship_to_line1_key`, null)) != max(if(bitTest(said, 20), `ship_to_line1_key`, null)), 0) or (count(if(bitTest(said, 20), `ship_to_line1_key`, null)) > 0 and bitTest(groupBitOr(bitAnd(held, empty)), 20))
      or ifNull(min(if(bitTest(said, 21), `ship_to_line2_key`, null)) != max(if(bitTest(said, 21), `ship_to_line2_key`, null)), 0) or (count(if(bitTest(said, 21), `ship_to_line2_key`, null)) > 0 and bitTest(groupBitOr(bitAnd(held, empty)), 21))
      or ifNull(min(if(bitTest(said, 22), `ship_to_city_key`, null)) != max(if(bitTest(said, 22), `ship_to_city_key`, null)), 0) or (count(if(bitTest(said, 22), `ship_to_city_key`, null)) > 0 and bitTest(groupBitOr(bitAnd(held, empty)), 22))
      or ifNull(min(if(bitTest(said, 23), `ship_to_region_key`, null)) != max(if(bitTest(said, 23), `ship_to_region_key`, null)), 0) or (count(if(bitTest(said, 23), `ship_to_region_key`, null)) > 0 and bitTest(groupBitOr(bitAnd(held, empty)), 23))
      or ifNull(min(if(bitTest(said, 24), `ship_to_postal_code_key`, null)) != max(if(bitTest(said, 24), `ship_to_postal_code_key`, null)), 0) or (count(if(bitTest(said, 24), `ship_to_postal_code_key`, null)) > 0 and bitTest(groupBitOr(bitAnd(held, empty)), 24))
      or ifNull(min(if(bitTest(said, 25), `ship_to_country`, null)) != max(if(bitTest(said, 25), `ship_to_country`, null)), 0) or (count(if(bitTest(said, 25), `ship_to_country`, null)) > 0 and bitTest(groupBitOr(bitAnd(held, empty)), 25))
      or bitAnd(groupBitOr(unmapped), toUInt64(66060288)) != 0
  ),
  -- Not named customer_eid: a cell of the field customer reads the column of that name.
  entities as (
    select eid, any(entity_id) as entity_id, any(customer_eid) as party, any(customer_entity_id) as customer_entity_id,
      groupArray(cast(tuple(toString(platform), record_id, deleted, merged_into, if(bitAnd(unmapped, toUInt64(1)) != 0, null, cast(`state`, 'Nullable(String)')), if(bitAnd(unmapped, toUInt64(1024)) != 0, null, cast(`role`, 'Nullable(String)')), if(bitAnd(unmapped, toUInt64(512)) != 0, null, cast(`legal_entity`, 'Nullable(String)')), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)'), created_at, changed_at, changed_by, observed_at, toString(stamp), toUInt8(bitCount(bitAnd(held, bitNot(bitOr(empty, invalid))))), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)')), 'Tuple(platform String, record_id String, deleted UInt8, merged_into Nullable(String), state Nullable(String), role Nullable(String), legal_entity Nullable(String), region Nullable(String), brand Nullable(String), created_at Nullable(DateTime64(3, \'UTC\')), changed_at Nullable(DateTime64(3, \'UTC\')), changed_by Nullable(String), observed_at DateTime64(3, \'UTC\'), stamp String, filled UInt8, worth Nullable(String), worth_currency Nullable(String))')) as holders,
      [
        ('ship_to.line1', groupArray(cast(tuple(toString(platform), record_id, multiIf(bitAnd(invalid, toUInt64(1048576)) != 0, 'invalid', bitAnd(unmapped, toUInt64(1048576)) != 0, 'unmapped', not bitAnd(held, toUInt64(1048576)) != 0, 'cannot_hold', bitAnd(empty, toUInt64(1048576)) != 0, 'empty', cast(toString(`ship_to_line1`), 'Nullable(String)') is null, 'absent', 'value'), cast(toString(`ship_to_line1`), 'Nullable(String)'), `ship_to_line1_key`, if(mapContains(raw, 'ship_to.line1'), cast(raw['ship_to.line1'], 'Nullable(String)'), null), cast(null, 'Nullable(String)')), 'Tuple(platform String, record_id String, is String, value Nullable(String), key Nullable(String), raw Nullable(String), currency Nullable(String))'))),
        ('ship_to.line2', groupArray(cast(tuple(toString(platform), record_id, multiIf(bitAnd(invalid, toUInt64(2097152)) != 0, 'invalid', bitAnd(unmapped, toUInt64(2097152)) != 0, 'unmapped', not bitAnd(held, toUInt64(2097152)) != 0, 'cannot_hold', bitAnd(empty, toUInt64(2097152)) != 0, 'empty', cast(toString(`ship_to_line2`), 'Nullable(String)') is null, 'absent', 'value'), cast(toString(`ship_to_line2`), 'Nullable(String)'), `ship_to_line2_key`, if(mapContains(raw, 'ship_to.line2'), cast(raw['ship_to.line2'], 'Nullable(String)'), null), cast(null, 'Nullable(String)')), 'Tuple(platform String, record_id String, is String, value Nullable(String), key Nullable(String), raw Nullable(String), currency Nullable(String))'))),
        ('ship_to.city', groupArray(cast(tuple(toString(platform), record_id, multiIf(bitAnd(invalid, toUInt64(4194304)) != 0, 'invalid', bitAnd(unmapped, toUInt64(4194304)) != 0, 'unmapped', not bitAnd(held, toUInt64(4194304)) != 0, 'cannot_hold', bitAnd(empty, toUInt64(4194304)) != 0, 'empty', cast(toString(`ship_to_city`), 'Nullable(String)') is null, 'absent', 'value'), cast(toString(`ship_to_city`), 'Nullable(String)'), `ship_to_city_key`, if(mapContains(raw, 'ship_to.city'), cast(raw['ship_to.city'], 'Nullable(String)'), null), cast(null, 'Nullable(String)')), 'Tuple(platform String, record_id String, is String, value Nullable(String), key Nullable(String), raw Nullable(String), currency Nullable(String))'))),
        ('ship_to.region', groupArray(cast(tuple(toString(platform), record_id, multiIf(bitAnd(invalid, toUInt64(8388608)) != 0, 'invalid', bitAnd(unmapped, toUInt64(8388608)) != 0, 'unmapped', not bitAnd(held, toUInt64(8388608)) != 0, 'cannot_hold', bitAnd(empty, toUInt64(8388608)) != 0, 'empty', cast(toString(`ship_to_region`), 'Nullable(String)') is null, 'absent', 'value'), cast(toString(`ship_to_region`), 'Nullable(String)'), `ship_to_region_key`, if(mapContains(raw, 'ship_to.region'), cast(raw['ship_to.region'], 'Nullable(String)'), null), cast(null, 'Nullable(String)')), 'Tuple(platform String, record_id String, is String, value Nullable(String), key Nullable(String), raw Nullable(String), currency Nullable(String))'))),
        ('ship_to.postal_code', groupArray(cast(tuple(toString(platform), record_id, multiIf(bitAnd(invalid, toUInt64(16777216)) != 0, 'invalid', bitAnd(unmapped, toUInt64(16777216)) != 0, 'unmapped', not bitAnd(held, toUInt64(16777216)) != 0, 'cannot_hold', bitAnd(empty, toUInt64(16777216)) != 0, 'empty', cast(toString(`ship_to_postal_code`), 'Nullable(String)') is null, 'absent', 'value'), cast(toString(`ship_to_postal_code`), 'Nullable(String)'), `ship_to_postal_code_key`, if(mapContains(raw, 'ship_to.postal_code'), cast(raw['ship_to.postal_code'], 'Nullable(String)'), null), cast(null, 'Nullable(String)')), 'Tuple(platform String, record_id String, is String, value Nullable(String), key Nullable(String), raw Nullable(String), currency Nullable(String))'))),
        ('ship_to.country', groupArray(cast(tuple(toString(platform), record_id, multiIf(bitAnd(invalid, toUInt64(33554432)) != 0, 'invalid', bitAnd(unmapped, toUInt64(33554432)) != 0, 'unmapped', not bitAnd(held, toUInt64(33554432)) != 0, 'cannot_hold', bitAnd(empty, toUInt64(33554432)) != 0, 'empty', cast(toString(`ship_to_country`), 'Nullable(String)') is null, 'absent', 'value'), cast(toString(`ship_to_country`), 'Nullable(String)'), cast(toString(`ship_to_country`), 'Nullable(String)'), if(mapContains(raw, 'ship_to.country'), cast(raw['ship_to.country'], 'Nullable(String)'), null), cast(null, 'Nullable(String)')), 'Tuple(platform String, record_id String, is String, value Nullable(String), key Nullable(String), raw Nullable(String), currency Nullable(String))')))
      ] as fields
    from `plumbline`.`current_customer` final
    prewhere eid in (select eid from differing)
    where deleted = 0
    group by eid
  )
select eid, entity_id, party as customer_eid, customer_entity_id, compared.1 as field, holders, compared.2 as cells, cast([], 'Array(Tuple(platform String, legal_entity String))') as customer_scope
from entities
array join fields as compared
where arrayUniq(arrayMap(c -> c.key, arrayFilter(c -> c.is = 'value' and c.key is not null, compared.2))) > 1
  or (arrayExists(c -> c.is = 'empty', compared.2) and arrayExists(c -> c.is = 'value', compared.2))
  or arrayExists(c -> c.is = 'unmapped', compared.2)
order by eid;
