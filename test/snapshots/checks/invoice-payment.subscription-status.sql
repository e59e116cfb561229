with
  -- Superseded and deleted versions may be among these rows: they can only add a suspect, and the next step reads the
  -- latest live ones. To leave them out would mean reading two more columns of everything.
  suspects as (
    select eid
    from `plumbline`.`current_subscription`
    prewhere 1
    group by eid
    having minIf(`h_lifecycle`, bitAnd(held, toUInt64(1)) != 0) != maxIf(`h_lifecycle`, bitAnd(held, toUInt64(1)) != 0)
      or minIf(`h_body`, bitAnd(held, toUInt64(131070)) != 0) != maxIf(`h_body`, bitAnd(held, toUInt64(131070)) != 0)
      or bitAnd(groupBitOr(unmapped), toUInt64(98305)) != 0
  ),
  -- Most suspects differ in what is not compared here, or did so before: only keys are read to tell.
  differing as (
    with bitAnd(held, bitNot(bitOr(bitOr(empty, invalid), unmapped))) as said
    select eid
    from `plumbline`.`current_subscription` final
    prewhere eid in (select eid from suspects)
    where deleted = 0
    group by eid
    having ifNull(min(if(bitTest(said, 0), `state`, null)) != max(if(bitTest(said, 0), `state`, null)), 0) or (count(if(bitTest(said, 0), `state`, null)) > 0 and bitTest(groupBitOr(bitAnd(held, empty)), 0))
      or ifNull(min(if(bitTest(said, 15), `amendment`, null)) != max(if(bitTest(said, 15), `amendment`, null)), 0) or (count(if(bitTest(said, 15), `amendment`, null)) > 0 and bitTest(groupBitOr(bitAnd(held, empty)), 15))
      or ifNull(min(if(bitTest(said, 16), `cancelled_at`, null)) != max(if(bitTest(said, 16), `cancelled_at`, null)), 0) or (count(if(bitTest(said, 16), `cancelled_at`, null)) > 0 and bitTest(groupBitOr(bitAnd(held, empty)), 16))
      or bitAnd(groupBitOr(unmapped), toUInt64(98305)) != 0
  ),
  -- Not named customer_eid: a cell of the field customer reads the column of that name.
  entities as (
    select eid, any(entity_id) as entity_id, any(customer_eid) as party, any(customer_entity_id) as customer_entity_id,
      groupArray(cast(tuple(toString(platform), record_id, deleted, merged_into, if(bitAnd(unmapped, toUInt64(1)) != 0, null, cast(`state`, 'Nullable(String)')), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)'), created_at, changed_at, changed_by, observed_at, toString(stamp), toUInt8(bitCount(bitAnd(held, bitNot(bitOr(empty, invalid))))), cast(toString(`amount`), 'Nullable(String)'), cast(`currency`, 'Nullable(String)')), 'Tuple(platform String, record_id String, deleted UInt8, merged_into Nullable(String), state Nullable(String), role Nullable(String), legal_entity Nullable(String), region Nullable(String), brand Nullable(String), created_at Nullable(DateTime64(3, \'UTC\')), changed_at Nullable(DateTime64(3, \'UTC\')), changed_by Nullable(String), observed_at DateTime64(3, \'UTC\'), stamp String, filled UInt8, worth Nullable(String), worth_currency Nullable(String))')) as holders,
      [
        ('state', groupArray(cast(tuple(toString(platform), record_id, multiIf(bitAnd(invalid, toUInt64(1)) != 0, 'invalid', bitAnd(unmapped, toUInt64(1)) != 0, 'unmapped', not bitAnd(held, toUInt64(1)) != 0, 'cannot_hold', bitAnd(empty, toUInt64(1)) != 0, 'empty', cast(toString(`state`), 'Nullable(String)') is null, 'absent', 'value'), cast(toString(`state`), 'Nullable(String)'), cast(toString(`state`), 'Nullable(String)'), if(mapContains(raw, 'state'), cast(raw['state'], 'Nullable(String)'), null), cast(null, 'Nullable(String)')), 'Tuple(platform String, record_id String, is String, value Nullable(String), key Nullable(String), raw Nullable(String), currency Nullable(String))'))),
        ('amendment', groupArray(cast(tuple(toString(platform), record_id, multiIf(bitAnd(invalid, toUInt64(32768)) != 0, 'invalid', bitAnd(unmapped, toUInt64(32768)) != 0, 'unmapped', not bitAnd(held, toUInt64(32768)) != 0, 'cannot_hold', bitAnd(empty, toUInt64(32768)) != 0, 'empty', cast(toString(`amendment`), 'Nullable(String)') is null, 'absent', 'value'), cast(toString(`amendment`), 'Nullable(String)'), cast(toString(`amendment`), 'Nullable(String)'), if(mapContains(raw, 'amendment'), cast(raw['amendment'], 'Nullable(String)'), null), cast(null, 'Nullable(String)')), 'Tuple(platform String, record_id String, is String, value Nullable(String), key Nullable(String), raw Nullable(String), currency Nullable(String))'))),
        ('cancelled_at', groupArray(cast(tuple(toString(platform), record_id, multiIf(bitAnd(invalid, toUInt64(65536)) != 0, 'invalid', bitAnd(unmapped, toUInt64(65536)) != 0, 'unmapped', not bitAnd(held, toUInt64(65536)) != 0, 'cannot_hold', bitAnd(empty, toUInt64(65536)) != 0, 'empty', concat(replaceOne(toString(`cancelled_at`), ' ', 'T'), 'Z') is null, 'absent', 'value'), concat(replaceOne(toString(`cancelled_at`), ' ', 'T'), 'Z'), concat(replaceOne(toString(`cancelled_at`), ' ', 'T'), 'Z'), if(mapContains(raw, 'cancelled_at'), cast(raw['cancelled_at'], 'Nullable(String)'), null), cast(null, 'Nullable(String)')), 'Tuple(platform String, record_id String, is String, value Nullable(String), key Nullable(String), raw Nullable(String), currency Nullable(String))')))
      ] as fields
    from `plumbline`.`current_subscription` final
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
