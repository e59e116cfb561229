with
  -- Most records never changed: only two small columns are read to tell.
  several as (
    select platform, record_id
    from `plumbline`.`versions_product`
    group by platform, record_id
    having count() > 1
  ),
  -- Records of which a compared field took another value after it was first seen.
  written as (
    select platform, record_id
    from `plumbline`.`versions_product`
    where (platform, record_id) in (select platform, record_id from several)
    group by platform, record_id
    having (min(cityHash64(multiIf(bitAnd(invalid, toUInt64(2)) != 0, 'invalid', bitAnd(unmapped, toUInt64(2)) != 0, 'unmapped', not bitAnd(held, toUInt64(2)) != 0, 'cannot_hold', bitAnd(empty, toUInt64(2)) != 0, 'empty', `code` is null, 'absent', 'value'), ifNull(toString(`code_key`), ''))) != max(cityHash64(multiIf(bitAnd(invalid, toUInt64(2)) != 0, 'invalid', bitAnd(unmapped, toUInt64(2)) != 0, 'unmapped', not bitAnd(held, toUInt64(2)) != 0, 'cannot_hold', bitAnd(empty, toUInt64(2)) != 0, 'empty', `code` is null, 'absent', 'value'), ifNull(toString(`code_key`), '')))
      or min(cityHash64(multiIf(bitAnd(invalid, toUInt64(16)) != 0, 'invalid', bitAnd(unmapped, toUInt64(16)) != 0, 'unmapped', not bitAnd(held, toUInt64(16)) != 0, 'cannot_hold', bitAnd(empty, toUInt64(16)) != 0, 'empty', `name` is null, 'absent', 'value'), ifNull(toString(`name_key`), ''))) != max(cityHash64(multiIf(bitAnd(invalid, toUInt64(16)) != 0, 'invalid', bitAnd(unmapped, toUInt64(16)) != 0, 'unmapped', not bitAnd(held, toUInt64(16)) != 0, 'cannot_hold', bitAnd(empty, toUInt64(16)) != 0, 'empty', `name` is null, 'absent', 'value'), ifNull(toString(`name_key`), '')))
      or min(cityHash64(multiIf(bitAnd(invalid, toUInt64(32)) != 0, 'invalid', bitAnd(unmapped, toUInt64(32)) != 0, 'unmapped', not bitAnd(held, toUInt64(32)) != 0, 'cannot_hold', bitAnd(empty, toUInt64(32)) != 0, 'empty', `category` is null, 'absent', 'value'), ifNull(toString(`category_key`), ''))) != max(cityHash64(multiIf(bitAnd(invalid, toUInt64(32)) != 0, 'invalid', bitAnd(unmapped, toUInt64(32)) != 0, 'unmapped', not bitAnd(held, toUInt64(32)) != 0, 'cannot_hold', bitAnd(empty, toUInt64(32)) != 0, 'empty', `category` is null, 'absent', 'value'), ifNull(toString(`category_key`), '')))
      or min(cityHash64(multiIf(bitAnd(invalid, toUInt64(64)) != 0, 'invalid', bitAnd(unmapped, toUInt64(64)) != 0, 'unmapped', not bitAnd(held, toUInt64(64)) != 0, 'cannot_hold', bitAnd(empty, toUInt64(64)) != 0, 'empty', `price` is null, 'absent', 'value'), ifNull(toString(cast(toString(`price`), 'Nullable(String)')), ''))) != max(cityHash64(multiIf(bitAnd(invalid, toUInt64(64)) != 0, 'invalid', bitAnd(unmapped, toUInt64(64)) != 0, 'unmapped', not bitAnd(held, toUInt64(64)) != 0, 'cannot_hold', bitAnd(empty, toUInt64(64)) != 0, 'empty', `price` is null, 'absent', 'value'), ifNull(toString(cast(toString(`price`), 'Nullable(String)')), '')))
      or min(cityHash64(multiIf(bitAnd(invalid, toUInt64(128)) != 0, 'invalid', bitAnd(unmapped, toUInt64(128)) != 0, 'unmapped', not bitAnd(held, toUInt64(128)) != 0, 'cannot_hold', bitAnd(empty, toUInt64(128)) != 0, 'empty', `currency` is null, 'absent', 'value'), ifNull(toString(cast(toString(`currency`), 'Nullable(String)')), ''))) != max(cityHash64(multiIf(bitAnd(invalid, toUInt64(128)) != 0, 'invalid', bitAnd(unmapped, toUInt64(128)) != 0, 'unmapped', not bitAnd(held, toUInt64(128)) != 0, 'cannot_hold', bitAnd(empty, toUInt64(128)) != 0, 'empty', `currency` is null, 'absent', 'value'), ifNull(toString(cast(toString(`currency`), 'Nullable(String)')), ''))))
  ),
  suspects as (
    select eid
    from `plumbline`.`current_product` final
    prewhere eid in (select eid from `plumbline`.`current_product` final prewhere 1 where deleted = 0 and (platform, record_id) in (select platform, record_id from written))
    where deleted = 0
    group by eid
    having uniqExact(platform) > 1
  ),
  entities as (
    select eid, any(entity_id) as entity_id, any(customer_eid) as party, any(customer_entity_id) as customer_entity_id,
      groupArray(cast(tuple(toString(platform), record_id, deleted, merged_into, if(bitAnd(unmapped, toUInt64(1)) != 0, null, cast(`state`, 'Nullable(String)')), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)'), created_at, changed_at, changed_by, observed_at, toString(stamp), toUInt8(bitCount(bitAnd(held, bitNot(bitOr(empty, invalid))))), cast(toString(`price`), 'Nullable(String)'), cast(`currency`, 'Nullable(String)')), 'Tuple(platform String, record_id String, deleted UInt8, merged_into Nullable(String), state Nullable(String), role Nullable(String), legal_entity Nullable(String), region Nullable(String), brand Nullable(String), created_at Nullable(DateTime64(3, \'UTC\')), changed_at Nullable(DateTime64(3, \'UTC\')), changed_by Nullable(String), observed_at DateTime64(3, \'UTC\'), stamp String, filled UInt8, worth Nullable(String), worth_currency Nullable(String))')) as holders
    from `plumbline`.`current_product` final
    prewhere eid in (select eid from suspects)
    where deleted = 0
    group by eid
  ),
  members as (
    select platform, record_id, eid from `plumbline`.`current_product` final prewhere eid in (select eid from suspects) where deleted = 0
  ),
  told as (
    select platform, record_id, seq, changed_at, observed_at, changed_by,
      row_number() over one as place, lagInFrame(changed_at) over one as stamp_before, lagInFrame(observed_at) over one as seen_before,
      [cast(tuple('state', multiIf(bitAnd(invalid, toUInt64(1)) != 0, 'invalid', bitAnd(unmapped, toUInt64(1)) != 0, 'unmapped', not bitAnd(held, toUInt64(1)) != 0, 'cannot_hold', bitAnd(empty, toUInt64(1)) != 0, 'empty', `state` is null, 'absent', 'value'), cast(toString(cast(toString(`state`), 'Nullable(String)')), 'Nullable(String)'), cast(toString(`state`), 'Nullable(String)'), cast(null, 'Nullable(String)'), cityHash64(multiIf(bitAnd(invalid, toUInt64(1)) != 0, 'invalid', bitAnd(unmapped, toUInt64(1)) != 0, 'unmapped', not bitAnd(held, toUInt64(1)) != 0, 'cannot_hold', bitAnd(empty, toUInt64(1)) != 0, 'empty', `state` is null, 'absent', 'value'), ifNull(toString(cast(toString(`state`), 'Nullable(String)')), ''))), 'Tuple(field String, is String, key Nullable(String), value Nullable(String), currency Nullable(String), says UInt64)'),
        cast(tuple('code', multiIf(bitAnd(invalid, toUInt64(2)) != 0, 'invalid', bitAnd(unmapped, toUInt64(2)) != 0, 'unmapped', not bitAnd(held, toUInt64(2)) != 0, 'cannot_hold', bitAnd(empty, toUInt64(2)) != 0, 'empty', `code` is null, 'absent', 'value'), cast(toString(`code_key`), 'Nullable(String)'), cast(toString(`code`), 'Nullable(String)'), cast(null, 'Nullable(String)'), cityHash64(multiIf(bitAnd(invalid, toUInt64(2)) != 0, 'invalid', bitAnd(unmapped, toUInt64(2)) != 0, 'unmapped', not bitAnd(held, toUInt64(2)) != 0, 'cannot_hold', bitAnd(empty, toUInt64(2)) != 0, 'empty', `code` is null, 'absent', 'value'), ifNull(toString(`code_key`), ''))), 'Tuple(field String, is String, key Nullable(String), value Nullable(String), currency Nullable(String), says UInt64)'),
        cast(tuple('sku', multiIf(bitAnd(invalid, toUInt64(4)) != 0, 'invalid', bitAnd(unmapped, toUInt64(4)) != 0, 'unmapped', not bitAnd(held, toUInt64(4)) != 0, 'cannot_hold', bitAnd(empty, toUInt64(4)) != 0, 'empty', `sku` is null, 'absent', 'value'), cast(toString(`sku_key`), 'Nullable(String)'), cast(toString(`sku`), 'Nullable(String)'), cast(null, 'Nullable(String)'), cityHash64(multiIf(bitAnd(invalid, toUInt64(4)) != 0, 'invalid', bitAnd(unmapped, toUInt64(4)) != 0, 'unmapped', not bitAnd(held, toUInt64(4)) != 0, 'cannot_hold', bitAnd(empty, toUInt64(4)) != 0, 'empty', `sku` is null, 'absent', 'value'), ifNull(toString(`sku_key`), ''))), 'Tuple(field String, is String, key Nullable(String), value Nullable(String), currency Nullable(String), says UInt64)'),
        cast(tuple('plan_code', multiIf(bitAnd(invalid, toUInt64(8)) != 0, 'invalid', bitAnd(unmapped, toUInt64(8)) != 0, 'unmapped', not bitAnd(held, toUInt64(8)) != 0, 'cannot_hold', bitAnd(empty, toUInt64(8)) != 0, 'empty', `plan_code` is null, 'absent', 'value'), cast(toString(`plan_code_key`), 'Nullable(String)'), cast(toString(`plan_code`), 'Nullable(String)'), cast(null, 'Nullable(String)'), cityHash64(multiIf(bitAnd(invalid, toUInt64(8)) != 0, 'invalid', bitAnd(unmapped, toUInt64(8)) != 0, 'unmapped', not bitAnd(held, toUInt64(8)) != 0, 'cannot_hold', bitAnd(empty, toUInt64(8)) != 0, 'empty', `plan_code` is null, 'absent', 'value'), ifNull(toString(`plan_code_key`), ''))), 'Tuple(field String, is String, key Nullable(String), value Nullable(String), currency Nullable(String), says UInt64)'),
        cast(tuple('name', multiIf(bitAnd(invalid, toUInt64(16)) != 0, 'invalid', bitAnd(unmapped, toUInt64(16)) != 0, 'unmapped', not bitAnd(held, toUInt64(16)) != 0, 'cannot_hold', bitAnd(empty, toUInt64(16)) != 0, 'empty', `name` is null, 'absent', 'value'), cast(toString(`name_key`), 'Nullable(String)'), cast(toString(`name`), 'Nullable(String)'), cast(null, 'Nullable(String)'), cityHash64(multiIf(bitAnd(invalid, toUInt64(16)) != 0, 'invalid', bitAnd(unmapped, toUInt64(16)) != 0, 'unmapped', not bitAnd(held, toUInt64(16)) != 0, 'cannot_hold', bitAnd(empty, toUInt64(16)) != 0, 'empty', `name` is null, 'absent', 'value'), ifNull(toString(`name_key`), ''))), 'Tuple(field String, is String, key Nullable(String), value Nullable(String), currency Nullable(String), says UInt64)'),
        cast(tuple('category', multiIf(bitAnd(invalid, toUInt64(32)) != 0, 'invalid', bitAnd(unmapped, toUInt64(32)) != 0, 'unmapped', not bitAnd(held, toUInt64(32)) != 0, 'cannot_hold', bitAnd(empty, toUInt64(32)) != 0, 'empty', `category` is null, 'absent', 'value'), cast(toString(`category_key`), 'Nullable(String)'), cast(toString(`category`), 'Nullable(String)'), cast(null, 'Nullable(String)'), cityHash64(multiIf(bitAnd(invalid, toUInt64(32)) != 0, 'invalid', bitAnd(unmapped, toUInt64(32)) != 0, 'unmapped', not bitAnd(held, toUInt64(32)) != 0, 'cannot_hold', bitAnd(empty, toUInt64(32)) != 0, 'empty', `category` is null, 'absent', 'value'), ifNull(toString(`category_key`), ''))), 'Tuple(field String, is String, key Nullable(String), value Nullable(String), currency Nullable(String), says UInt64)'),
        cast(tuple('price', multiIf(bitAnd(invalid, toUInt64(64)) != 0, 'invalid', bitAnd(unmapped, toUInt64(64)) != 0, 'unmapped', not bitAnd(held, toUInt64(64)) != 0, 'cannot_hold', bitAnd(empty, toUInt64(64)) != 0, 'empty', `price` is null, 'absent', 'value'), cast(toString(cast(toString(`price`), 'Nullable(String)')), 'Nullable(String)'), cast(toString(`price`), 'Nullable(String)'), cast(toString(`currency`), 'Nullable(String)'), cityHash64(multiIf(bitAnd(invalid, toUInt64(64)) != 0, 'invalid', bitAnd(unmapped, toUInt64(64)) != 0, 'unmapped', not bitAnd(held, toUInt64(64)) != 0, 'cannot_hold', bitAnd(empty, toUInt64(64)) != 0, 'empty', `price` is null, 'absent', 'value'), ifNull(toString(cast(toString(`price`), 'Nullable(String)')), ''))), 'Tuple(field String, is String, key Nullable(String), value Nullable(String), currency Nullable(String), says UInt64)'),
        cast(tuple('currency', multiIf(bitAnd(invalid, toUInt64(128)) != 0, 'invalid', bitAnd(unmapped, toUInt64(128)) != 0, 'unmapped', not bitAnd(held, toUInt64(128)) != 0, 'cannot_hold', bitAnd(empty, toUInt64(128)) != 0, 'empty', `currency` is null, 'absent', 'value'), cast(toString(cast(toString(`currency`), 'Nullable(String)')), 'Nullable(String)'), cast(toString(`currency`), 'Nullable(String)'), cast(null, 'Nullable(String)'), cityHash64(multiIf(bitAnd(invalid, toUInt64(128)) != 0, 'invalid', bitAnd(unmapped, toUInt64(128)) != 0, 'unmapped', not bitAnd(held, toUInt64(128)) != 0, 'cannot_hold', bitAnd(empty, toUInt64(128)) != 0, 'empty', `currency` is null, 'absent', 'value'), ifNull(toString(cast(toString(`currency`), 'Nullable(String)')), ''))), 'Tuple(field String, is String, key Nullable(String), value Nullable(String), currency Nullable(String), says UInt64)')] as cells
    from `plumbline`.`versions_product`
    where (platform, record_id) in (select platform, record_id from members) and deleted = 0
    window one as (partition by platform, record_id order by seq rows between unbounded preceding and current row)
  ),
  steps as (
    select platform, record_id, seq, changed_at, observed_at, changed_by, place, stamp_before, seen_before, cell,
      lagInFrame(cell.says) over (partition by platform, record_id, cell.field order by seq rows between unbounded preceding and current row) as before
    from told
    array join cells as cell
  ),
  trails as (
    select platform, record_id, cell.field as field, arrayMap(s -> s.2, arraySort(s -> s.1, groupArray((seq, cast(tuple(cell.is, cell.key, cell.value, cell.currency, changed_at, observed_at, changed_by, stamp_before, if(place = 1, null, seen_before)), 'Tuple(is String, key Nullable(String), value Nullable(String), currency Nullable(String), changed_at Nullable(DateTime64(3, \'UTC\')), observed_at DateTime64(3, \'UTC\'), changed_by Nullable(String), stamp_before Nullable(DateTime64(3, \'UTC\')), seen_before Nullable(DateTime64(3, \'UTC\')))'))))) as steps
    from steps
    where place = 1 or cell.says != before
    group by platform, record_id, field
  ),
  histories as (
    select members.eid as owner_eid, groupArray(cast(tuple(toString(trails.platform), trails.record_id, trails.field, trails.steps), 'Tuple(platform String, record_id String, field String, steps Array(Tuple(is String, key Nullable(String), value Nullable(String), currency Nullable(String), changed_at Nullable(DateTime64(3, \'UTC\')), observed_at DateTime64(3, \'UTC\'), changed_by Nullable(String), stamp_before Nullable(DateTime64(3, \'UTC\')), seen_before Nullable(DateTime64(3, \'UTC\')))))')) as every_trail
    from trails
    inner join members on members.platform = trails.platform and members.record_id = trails.record_id
    group by owner_eid
  )
select 'product' as kind, eid, entity_id, party as customer_eid, customer_entity_id, holders, every_trail as trails, cast([], 'Array(Tuple(platform String, legal_entity String))') as customer_scope
from entities
inner join histories on histories.owner_eid = entities.eid
order by eid;
