-- {of} = "order"
with
  (select groupUniqArray(toString(platform)) from `plumbline`.`current_line` where document_kind = {of:String} and deleted = 0 and gone = 0) as keepers,
  -- Sums by product: a line that was split in two is the same structure.
  products as (
    select document_eid, toString(platform) as at_platform, product_eid, sum(quantity) as pieces, sum(amount) as worth
    from `plumbline`.`current_line` final
    where document_kind = {of:String} and deleted = 0 and document_eid != 0 and 1
    group by document_eid, at_platform, product_eid
  ),
  shapes as (
    select document_eid, at_platform, arraySort(groupArray((product_eid, toString(pieces), toString(worth)))) as shape
    from products
    group by document_eid, at_platform
  ),
  homes as (
    select distinct eid, toString(platform) as at_platform
    from `plumbline`.`current_order` final
    prewhere 1
    where deleted = 0 and has(keepers, toString(platform))
  ),
  differing as (
    select homes.eid as eid
    from homes
    left join shapes on shapes.document_eid = homes.eid and shapes.at_platform = homes.at_platform
    group by eid
    having count() > 1 and uniqExact(shape) > 1
  ),
  found as (
    select document_eid, groupArray(cast(tuple(toString(platform), record_id, deleted, cast(toString(eid), 'Nullable(String)'), cast(toString(product_eid), 'Nullable(String)'), cast(product, 'Nullable(String)'), cast(toString(quantity), 'Nullable(String)'), cast(toString(amount), 'Nullable(String)'), cast(currency, 'Nullable(String)'), changed_at, created_at, observed_at, toString(stamp)), 'Tuple(platform String, record_id String, deleted UInt8, line Nullable(String), product Nullable(String), product_id Nullable(String), quantity Nullable(String), amount Nullable(String), currency Nullable(String), changed_at Nullable(DateTime64(3, \'UTC\')), created_at Nullable(DateTime64(3, \'UTC\')), observed_at DateTime64(3, \'UTC\'), stamp String)')) as lines
    from `plumbline`.`current_line` final
    where document_kind = {of:String} and document_eid in (select eid from differing)
    group by document_eid
  )
select toString(d.eid) as eid, d.entity_id as entity_id, d.customer_entity_id as customer_entity_id, d.holders as holders, found.lines as lines, keepers
from (
  select eid, any(entity_id) as entity_id, any(customer_entity_id) as customer_entity_id, groupArray(cast(tuple(toString(platform), record_id, deleted, merged_into, if(bitAnd(unmapped, toUInt64(1)) != 0, null, cast(`state`, 'Nullable(String)')), cast(null, 'Nullable(String)'), if(bitAnd(unmapped, toUInt64(2048)) != 0, null, cast(`legal_entity`, 'Nullable(String)')), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)'), created_at, changed_at, changed_by, observed_at, toString(stamp), toUInt8(bitCount(bitAnd(held, bitNot(bitOr(empty, invalid))))), cast(toString(`amount`), 'Nullable(String)'), cast(`currency`, 'Nullable(String)')), 'Tuple(platform String, record_id String, deleted UInt8, merged_into Nullable(String), state Nullable(String), role Nullable(String), legal_entity Nullable(String), region Nullable(String), brand Nullable(String), created_at Nullable(DateTime64(3, \'UTC\')), changed_at Nullable(DateTime64(3, \'UTC\')), changed_by Nullable(String), observed_at DateTime64(3, \'UTC\'), stamp String, filled UInt8, worth Nullable(String), worth_currency Nullable(String))')) as holders
  from `plumbline`.`current_order` final
  prewhere eid in (select eid from differing)
  group by eid
) as d
left join found on found.document_eid = d.eid
order by eid;
