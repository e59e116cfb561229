with
  -- Superseded and deleted versions may be among these rows: they can only add a suspect, and the next step reads the
  -- latest live ones. To leave them out would mean reading two more columns of everything.
  suspects as (
    select eid
    from `plumbline`.`current_invoice`
    prewhere 1
    group by eid
    having minIf(`h_body`, bitAnd(held, toUInt64(32766)) != 0) != maxIf(`h_body`, bitAnd(held, toUInt64(32766)) != 0)
      or bitAnd(groupBitOr(unmapped), toUInt64(352)) != 0
  ),
  -- Most suspects differ in what is not compared here, or did so before: only keys are read to tell.
  differing as (
    with bitAnd(held, bitNot(bitOr(bitOr(empty, invalid), unmapped))) as said
    select eid
    from `plumbline`.`current_invoice` final
    prewhere eid in (select eid from suspects)
    where deleted = 0
    group by eid
    having ifNull(min(if(bitTest(said, 5), `total`, null)) != max(if(bitTest(said, 5), `total`, null)), 0) or (count(if(bitTest(said, 5), `total`, null)) > 0 and bitTest(groupBitOr(bitAnd(held, empty)), 5))
      or ifNull(min(if(bitTest(said, 6), `tax`, null)) != max(if(bitTest(said, 6), `tax`, null)), 0) or (count(if(bitTest(said, 6), `tax`, null)) > 0 and bitTest(groupBitOr(bitAnd(held, empty)), 6))
      or ifNull(min(if(bitTest(said, 8), `currency`, null)) != max(if(bitTest(said, 8), `currency`, null)), 0) or (count(if(bitTest(said, 8), `currency`, null)) > 0 and bitTest(groupBitOr(bitAnd(held, empty)), 8))
      or bitAnd(groupBitOr(unmapped), toUInt64(352)) != 0
  ),
  -- Not named customer_eid: a cell of the field customer reads the column of that name.
  entities as (
    select eid, any(entity_id) as entity_id, any(customer_eid) as party, any(customer_entity_id) as customer_entity_id,
      groupArray(cast(tuple(toString(platform), record_id, deleted, merged_into, if(bitAnd(unmapped, toUInt64(1)) != 0, null, cast(`state`, 'Nullable(String)')), cast(null, 'Nullable(String)'), if(bitAnd(unmapped, toUInt64(16384)) != 0, null, cast(`legal_entity`, 'Nullable(String)')), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)'), created_at, changed_at, changed_by, observed_at, toString(stamp), toUInt8(bitCount(bitAnd(held, bitNot(bitOr(empty, invalid))))), cast(toString(`total`), 'Nullable(String)'), cast(`currency`, 'Nullable(String)')), 'Tuple(platform String, record_id String, deleted UInt8, merged_into Nullable(String), state Nullable(String), role Nullable(String), legal_entity Nullable(String), region Nullable(String), brand Nullable(String), created_at Nullable(DateTime64(3, \'UTC\')), changed_at Nullable(DateTime64(3, \'UTC\')), changed_by Nullable(String), observed_at DateTime64(3, \'UTC\'), stamp String, filled UInt8, worth Nullable(String), worth_currency Nullable(String))')) as holders,
      [
        ('total', groupArray(cast(tuple(toString(platform), record_id, multiIf(bitAnd(invalid, toUInt64(32)) != 0, 'invalid', bitAnd(unmapped, toUInt64(32)) != 0, 'unmapped', not bitAnd(held, toUInt64(32)) != 0, 'cannot_hold', bitAnd(empty, toUInt64(32)) != 0, 'empty', cast(toString(`total`), 'Nullable(String)') is null, 'absent', 'value'), cast(toString(`total`), 'Nullable(String)'), cast(toString(`total`), 'Nullable(String)'), if(mapContains(raw, 'total'), cast(raw['total'], 'Nullable(String)'), null), cast(toString(`currency`), 'Nullable(String)')), 'Tuple(platform String, record_id String, is String, value Nullable(String), key Nullable(String), raw Nullable(String), currency Nullable(String))'))),
        ('tax', groupArray(cast(tuple(toString(platform), record_id, multiIf(bitAnd(invalid, toUInt64(64)) != 0, 'invalid', bitAnd(unmapped, toUInt64(64)) != 0, 'unmapped', not bitAnd(held, toUInt64(64)) != 0, 'cannot_hold', bitAnd(empty, toUInt64(64)) != 0, 'empty', cast(toString(`tax`), 'Nullable(String)') is null, 'absent', 'value'), cast(toString(`tax`), 'Nullable(String)'), cast(toString(`tax`), 'Nullable(String)'), if(mapContains(raw, 'tax'), cast(raw['tax'], 'Nullable(String)'), null), cast(toString(`currency`), 'Nullable(String)')), 'Tuple(platform String, record_id String, is String, value Nullable(String), key Nullable(String), raw Nullable(String), currency Nullable(String))'))),
        ('currency', groupArray(cast(tuple(toString(platform), record_id, multiIf(bitAnd(invalid, toUInt64(256)) != 0, 'invalid', bitAnd(unmapped, toUInt64(256)) != 0, 'unmapped', not bitAnd(held, toUInt64(256)) != 0, 'cannot_hold', bitAnd(empty, toUInt64(256)) != 0, 'empty', cast(toString(`currency`), 'Nullable(String)') is null, 'absent', 'value'), cast(toString(`currency`), 'Nullable(String)'), cast(toString(`currency`), 'Nullable(String)'), if(mapContains(raw, 'currency'), cast(raw['currency'], 'Nullable(String)'), null), cast(null, 'Nullable(String)')), 'Tuple(platform String, record_id String, is String, value Nullable(String), key Nullable(String), raw Nullable(String), currency Nullable(String))')))
      ] as fields
    from `plumbline`.`current_invoice` final
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
