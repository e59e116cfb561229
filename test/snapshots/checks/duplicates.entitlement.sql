-- {except} = ["pending","suspended","expired","revoked"]
select toString(cityHash64(ifNull(toString(nullIf(`subscription_eid`, 0)), ''), ifNull(toString(`sla_tier_key`), ''))) as shared, toString(platform) as platform,
  min(r.eid) as eid, argMin(r.entity_id, r.eid) as entity_id, argMin(r.customer_entity_id, r.eid) as customer_entity_id,
  groupArray(cast(tuple(toString(platform), record_id, deleted, merged_into, if(bitAnd(unmapped, toUInt64(1)) != 0, null, cast(`state`, 'Nullable(String)')), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)'), created_at, changed_at, changed_by, observed_at, toString(stamp), toUInt8(bitCount(bitAnd(held, bitNot(bitOr(empty, invalid))))), cast(null, 'Nullable(String)'), cast(null, 'Nullable(String)')), 'Tuple(platform String, record_id String, deleted UInt8, merged_into Nullable(String), state Nullable(String), role Nullable(String), legal_entity Nullable(String), region Nullable(String), brand Nullable(String), created_at Nullable(DateTime64(3, \'UTC\')), changed_at Nullable(DateTime64(3, \'UTC\')), changed_by Nullable(String), observed_at DateTime64(3, \'UTC\'), stamp String, filled UInt8, worth Nullable(String), worth_currency Nullable(String))')) as holders, groupArray(toUInt8(0)) as child, [] as merged
from `plumbline`.`current_entitlement` as r final
where deleted = 0 and (state is null or state not in {except:Array(String)}) and nullIf(`subscription_eid`, 0) is not null and not bitAnd(invalid, toUInt64(4)) != 0 and `sla_tier_key` is not null and not bitAnd(invalid, toUInt64(32)) != 0
group by shared, platform
having count() > 1
order by shared, platform;
