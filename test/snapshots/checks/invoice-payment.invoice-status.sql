with
  -- Superseded and deleted versions may be among these rows: they can only add a suspect, and the next step reads the
  -- latest live ones. To leave them out would mean reading two more columns of everything.
  suspects as (
    select eid
    from `plumbline`.`current_invoice`
    prewhere 1
    group by eid
    having minIf(`h_lifecycle`, bitAnd(held, toUInt64(1)) != 0) != maxIf(`h_lifecycle`, bitAnd(held, toUInt64(1)) != 0)
      or minIf(`h_body`, bitAnd(held, toUInt64(32766)) != 0) != maxIf(`h_body`, bitAnd(held, toUInt64(32766)) != 0)
      or bitAnd(groupBitOr(unmapped), toUInt64(12417)) != 0
  ),
  -- Most suspects differ in what is not compared here, or did so before: only keys are read to tell.
  differing as (
    with bitAnd(held, bitNot(bitOr(bitOr(empty, invalid), unmapped))) as said
    select eid
    from `plumbline`.`current_invoice` final
    prewhere eid in (select eid from suspects)
    where deleted = 0
    group by eid
    having ifNull(min(if(bitTest(said, 0), `state`, null)) != max(if(bitTest(said, 0), `state`, null)), 0) or (count(if(bitTest(said, 0), `state`, null)) > 0 and bitTest(groupBitOr(bitAnd(held, empty)), 0))
      or ifNull(min(if(bitTest(said, 7), `amount_due`, null)) != max(if(bitTest(said, 7), `amount_due`, null)), 0) or (count(if(bitTest(said, 7), `amount_due`, null)) > 0 and bitTest(groupBitOr(bitAnd(held, empty)), 7))
      or ifNull(min(if(bitTest(said, 12), `paid_at`, null)) != max(if(bitTest(said, 12), `paid_at`, null)), 0) or (count(if(bitTest(said, 12), `paid_at`, null)) > 0 and bitTest(groupBitOr(bitAnd(held, empty)), 12))
      or ifNull(min(if(bitTest(said, 13), `disputed`, null)) != max(if(bitTest(said, 13), `disputed`, null)), 0) or (count(if(bitTest(said, 13), `disputed`, null)) > 0 and bitTest(groupBitOr(bitAnd(held, empty)), 13))
      or bitAnd(groupBitOr(unmapped), toUInt64(12417)) != 0
  ),
  -- Not named customer_eid: a cell of the field customer reads the column of that name.
  entities as (
    select eid, any(entity_id) as entity_id, any(customer_eid) as party, any(customer_entity_id) as customer_entity_id,
      groupArray(cast(tuple(toString(platform), record_id, deleted, merged_into, if(bitAnd(unmapped, toUInt64(1)) != 0, null, cast(`state`, 'Nullable(String)')), cast(null, 'Nullable(String)'), if(bitAnd(unmapped, toUInt64(16384)) != 0, null, cast(`legal_entity`, 'Nullable(String)')), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)'), created_at, changed_at, changed_by, observed_at, toString(stamp), toUInt8(bitCount(bitAnd(held, bitNot(bitOr(empty, invalid))))), cast(toString(`total`), 'Nullable(String)'), cast(`currency`, 'Nullable(String)')), 'Tuple(platform String, record_id String, deleted UInt8, merged_into Nullable(String), state Nullable(String), role Nullable(String), legal_entity Nullable(String), region Nullable(String), brand Nullable(String), created_at Nullable(DateTime64(3, \'UTC\')), changed_at Nullable(DateTime64(3, \'UTC\')), changed_by Nullable(String), observed_at DateTime64(3, \'UTC\'), stamp String, filled UInt8, worth Nullable(String), worth_currency Nullable(String))')) as holders,
      [
        ('state', groupArray(cast(tuple(toString(platform), record_id, multiIf(bitAnd(invalid, toUInt64(1)) != 0, 'invalid', bitAnd(unmapped, toUInt64(1)) != 0, 'unmapped', not bitAnd(held, toUInt64(1)) != 0, 'cannot_hold', bitAnd(empty, toUInt64(1)) != 0, 'empty', cast(toString(`state`), 'Nullable(String)') is null, 'absent', 'value'), cast(toString(`state`), 'Nullable(String)'), cast(toString(`state`), 'Nullable(String)'), if(mapContains(raw, 'state'), cast(raw['state'], 'Nullable(String)'), null), cast(null, 'Nullable(String)')), 'Tuple(platform String, record_id String, is String, value Nullable(String), key Nullable(String), raw Nullable(String), currency Nullable(String))'))),
        ('amount_due', groupArray(cast(tuple(toString(platform), record_id, multiIf(bitAnd(invalid, toUInt64(128)) != 0, 'invalid', bitAnd(unmapped, toUInt64(128)) != 0, 'unmapped', not bitAnd(held, toUInt64(128)) != 0, 'cannot_hold', bitAnd(empty, toUInt64(128)) != 0, 'empty', cast(toString(`amount_due`), 'Nullable(String)') is null, 'absent', 'value'), cast(toString(`amount_due`), 'Nullable(String)'), cast(toString(`amount_due`), 'Nullable(String)'), if(mapContains(raw, 'amount_due'), cast(raw['amount_due'], 'Nullable(String)'), null), cast(toString(`currency`), 'Nullable(String)')), 'Tuple(platform String, record_id String, is String, value Nullable(String), key Nullable(String), raw Nullable(String), currency Nullable(String))'))),
        ('paid_at', groupArray(cast(tuple(toString(platform), record_id, multiIf(bitAnd(invalid, toUInt64(4096)) != 0, 'invalid', bitAnd(unmapped, toUInt64(4096)) != 0, 'unmapped', not bitAnd(held, toUInt64(4096)) != 0, 'cannot_hold', bitAnd(empty, toUInt64(4096)) != 0, 'empty', concat(replaceOne(toString(`paid_at`), ' ', 'T'), 'Z') is null, 'absent', 'value'), concat(replaceOne(toString(`paid_at`), ' ', 'T'), 'Z'), concat(replaceOne(toString(`paid_at`), ' ', 'T'), 'Z'), if(mapContains(raw, 'paid_at'), cast(raw['paid_at'], 'Nullable(String)'), null), cast(null, 'Nullable(String)')), 'Tuple(platform String, record_id String, is String, value Nullable(String), key Nullable(String), raw Nullable(String), currency Nullable(String))'))),
        ('disputed', groupArray(cast(tuple(toString(platform), record_id, multiIf(bitAnd(invalid, toUInt64(8192)) != 0, 'invalid', bitAnd(unmapped, toUInt64(8192)) != 0, 'unmapped', not bitAnd(held, toUInt64(8192)) != 0, 'cannot_hold', bitAnd(empty, toUInt64(8192)) != 0, 'empty', cast(toString(`disputed`), 'Nullable(String)') is null, 'absent', 'value'), cast(toString(`disputed`), 'Nullable(String)'), cast(toString(`disputed`), 'Nullable(String)'), if(mapContains(raw, 'disputed'), cast(raw['disputed'], 'Nullable(String)'), null), cast(null, 'Nullable(String)')), 'Tuple(platform String, record_id String, is String, value Nullable(String), key Nullable(String), raw Nullable(String), currency Nullable(String))')))
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
