with
  -- Superseded and deleted versions may be among these rows: they can only add a suspect, and the next step reads the
  -- latest live ones. To leave them out would mean reading two more columns of everything.
  suspects as (
    select eid
    from `plumbline`.`current_customer`
    prewhere 1
    group by eid
    having minIf(`h_profile`, bitAnd(held, toUInt64(2147499322)) != 0) != maxIf(`h_profile`, bitAnd(held, toUInt64(2147499322)) != 0)
      or bitAnd(groupBitOr(unmapped), toUInt64(16)) != 0
  ),
  -- Most suspects differ in what is not compared here, or did so before: only keys are read to tell.
  differing as (
    with bitAnd(held, bitNot(bitOr(bitOr(empty, invalid), unmapped))) as said
    select eid
    from `plumbline`.`current_customer` final
    prewhere eid in (select eid from suspects)
    where deleted = 0
    group by eid
    having ifNull(min(if(bitTest(said, 4), `email_key`, null)) != max(if(bitTest(said, 4), `email_key`, null)), 0) or (count(if(bitTest(said, 4), `email_key`, null)) > 0 and bitTest(groupBitOr(bitAnd(held, empty)), 4))
      or bitAnd(groupBitOr(unmapped), toUInt64(16)) != 0
  ),
  -- Not named customer_eid: a cell of the field customer reads the column of that name.
  entities as (
    select eid, any(entity_id) as entity_id, any(customer_eid) as party, any(customer_entity_id) as customer_entity_id,
      groupArray(cast(tuple(toString(platform), record_id, deleted, merged_into, if(bitAnd(unmapped, toUInt64(1)) != 0, null, cast(`state`, 'Nullable(String)')), if(bitAnd(unmapped, toUInt64(1024)) != 0, null, cast(`role`, 'Nullable(String)')), if(bitAnd(unmapped, toUInt64(512)) != 0, null, cast(`legal_entity`, 'Nullable(String)')), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)'), created_at, changed_at, changed_by, observed_at, toString(stamp), toUInt8(bitCount(bitAnd(held, bitNot(bitOr(empty, invalid))))), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)')), 'Tuple(platform String, record_id String, deleted UInt8, merged_into Nullable(String), state Nullable(String), role Nullable(String), legal_entity Nullable(String), region Nullable(String), brand Nullable(String), created_at Nullable(DateTime64(3, \'UTC\')), changed_at Nullable(DateTime64(3, \'UTC\')), changed_by Nullable(String), observed_at DateTime64(3, \'UTC\'), stamp String, filled UInt8, worth Nullable(String), worth_currency Nullable(String))')) as holders,
      [
        ('email', groupArray(cast(tuple(toString(platform), record_id, multiIf(bitAnd(invalid, toUInt64(16)) != 0, 'invalid', bitAnd(unmapped, toUInt64(16)) != 0, 'unmapped', not bitAnd(held, toUInt64(16)) != 0, 'cannot_hold', bitAnd(empty, toUInt64(16)) != 0, 'empty', cast(toString(`email`), 'Nullable(String)') is null, 'absent', 'value'), cast(toString(`email`), 'Nullable(String)'), `email_key`, if(mapContains(raw, 'email'), cast(raw['email'], 'Nullable(String)'), null), cast(null, 'Nullable(String)')), 'Tuple(platform String, record_id String, is String, value Nullable(String), key Nullable(String), raw Nullable(String), currency Nullable(String))')))
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
