-- {kinds} = ["customer","contact","product","opportunity","quote","contract","order","shipment","subscription","invoice","payment","entitlement","case","credit","tenant","onboarding","renewal","line","posting"]
select 'quarantined' as what, toString(platform) as platform, toString(kind) as kind, toString(stream) as stream, cast(null, 'Nullable(String)') as field,
  '' as entity_id, '' as customer_entity_id, arraySort(groupUniqArray(100)(record_id)) as record_ids, toString(count()) as count, any(reason) as reason
from `plumbline`.quarantine final
where state = 'open' and kept = 0 and kind in {kinds:Array(String)}
group by platform, kind, stream
order by platform, kind, stream;

select 'invalid' as what, toString(platform) as platform, 'customer' as kind, '' as stream, problem.1 as field,
  entity_id, customer_entity_id, [record_id] as record_ids, '1' as count, problem.2 as reason
from `plumbline`.`current_customer` final
array join cast(invalid_reasons, 'Array(Tuple(String, String))') as problem
where invalid != 0 and deleted = 0
order by platform, record_id, field;

select 'invalid' as what, toString(platform) as platform, 'contact' as kind, '' as stream, problem.1 as field,
  entity_id, customer_entity_id, [record_id] as record_ids, '1' as count, problem.2 as reason
from `plumbline`.`current_contact` final
array join cast(invalid_reasons, 'Array(Tuple(String, String))') as problem
where invalid != 0 and deleted = 0
order by platform, record_id, field;

select 'invalid' as what, toString(platform) as platform, 'product' as kind, '' as stream, problem.1 as field,
  entity_id, customer_entity_id, [record_id] as record_ids, '1' as count, problem.2 as reason
from `plumbline`.`current_product` final
array join cast(invalid_reasons, 'Array(Tuple(String, String))') as problem
where invalid != 0 and deleted = 0
order by platform, record_id, field;

select 'invalid' as what, toString(platform) as platform, 'opportunity' as kind, '' as stream, problem.1 as field,
  entity_id, customer_entity_id, [record_id] as record_ids, '1' as count, problem.2 as reason
from `plumbline`.`current_opportunity` final
array join cast(invalid_reasons, 'Array(Tuple(String, String))') as problem
where invalid != 0 and deleted = 0
order by platform, record_id, field;

select 'invalid' as what, toString(platform) as platform, 'quote' as kind, '' as stream, problem.1 as field,
  entity_id, customer_entity_id, [record_id] as record_ids, '1' as count, problem.2 as reason
from `plumbline`.`current_quote` final
array join cast(invalid_reasons, 'Array(Tuple(String, String))') as problem
where invalid != 0 and deleted = 0
order by platform, record_id, field;

select 'invalid' as what, toString(platform) as platform, 'contract' as kind, '' as stream, problem.1 as field,
  entity_id, customer_entity_id, [record_id] as record_ids, '1' as count, problem.2 as reason
from `plumbline`.`current_contract` final
array join cast(invalid_reasons, 'Array(Tuple(String, String))') as problem
where invalid != 0 and deleted = 0
order by platform, record_id, field;

select 'invalid' as what, toString(platform) as platform, 'order' as kind, '' as stream, problem.1 as field,
  entity_id, customer_entity_id, [record_id] as record_ids, '1' as count, problem.2 as reason
from `plumbline`.`current_order` final
array join cast(invalid_reasons, 'Array(Tuple(String, String))') as problem
where invalid != 0 and deleted = 0
order by platform, record_id, field;

select 'invalid' as what, toString(platform) as platform, 'shipment' as kind, '' as stream, problem.1 as field,
  entity_id, customer_entity_id, [record_id] as record_ids, '1' as count, problem.2 as reason
from `plumbline`.`current_shipment` final
array join cast(invalid_reasons, 'Array(Tuple(String, String))') as problem
where invalid != 0 and deleted = 0
order by platform, record_id, field;

select 'invalid' as what, toString(platform) as platform, 'subscription' as kind, '' as stream, problem.1 as field,
  entity_id, customer_entity_id, [record_id] as record_ids, '1' as count, problem.2 as reason
from `plumbline`.`current_subscription` final
array join cast(invalid_reasons, 'Array(Tuple(String, String))') as problem
where invalid != 0 and deleted = 0
order by platform, record_id, field;

select 'invalid' as what, toString(platform) as platform, 'invoice' as kind, '' as stream, problem.1 as field,
  entity_id, customer_entity_id, [record_id] as record_ids, '1' as count, problem.2 as reason
from `plumbline`.`current_invoice` final
array join cast(invalid_reasons, 'Array(Tuple(String, String))') as problem
where invalid != 0 and deleted = 0
order by platform, record_id, field;

select 'invalid' as what, toString(platform) as platform, 'payment' as kind, '' as stream, problem.1 as field,
  entity_id, customer_entity_id, [record_id] as record_ids, '1' as count, problem.2 as reason
from `plumbline`.`current_payment` final
array join cast(invalid_reasons, 'Array(Tuple(String, String))') as problem
where invalid != 0 and deleted = 0
order by platform, record_id, field;

select 'invalid' as what, toString(platform) as platform, 'entitlement' as kind, '' as stream, problem.1 as field,
  entity_id, customer_entity_id, [record_id] as record_ids, '1' as count, problem.2 as reason
from `plumbline`.`current_entitlement` final
array join cast(invalid_reasons, 'Array(Tuple(String, String))') as problem
where invalid != 0 and deleted = 0
order by platform, record_id, field;

select 'invalid' as what, toString(platform) as platform, 'case' as kind, '' as stream, problem.1 as field,
  entity_id, customer_entity_id, [record_id] as record_ids, '1' as count, problem.2 as reason
from `plumbline`.`current_case` final
array join cast(invalid_reasons, 'Array(Tuple(String, String))') as problem
where invalid != 0 and deleted = 0
order by platform, record_id, field;

select 'invalid' as what, toString(platform) as platform, 'credit' as kind, '' as stream, problem.1 as field,
  entity_id, customer_entity_id, [record_id] as record_ids, '1' as count, problem.2 as reason
from `plumbline`.`current_credit` final
array join cast(invalid_reasons, 'Array(Tuple(String, String))') as problem
where invalid != 0 and deleted = 0
order by platform, record_id, field;

select 'invalid' as what, toString(platform) as platform, 'tenant' as kind, '' as stream, problem.1 as field,
  entity_id, customer_entity_id, [record_id] as record_ids, '1' as count, problem.2 as reason
from `plumbline`.`current_tenant` final
array join cast(invalid_reasons, 'Array(Tuple(String, String))') as problem
where invalid != 0 and deleted = 0
order by platform, record_id, field;

select 'invalid' as what, toString(platform) as platform, 'onboarding' as kind, '' as stream, problem.1 as field,
  entity_id, customer_entity_id, [record_id] as record_ids, '1' as count, problem.2 as reason
from `plumbline`.`current_onboarding` final
array join cast(invalid_reasons, 'Array(Tuple(String, String))') as problem
where invalid != 0 and deleted = 0
order by platform, record_id, field;

select 'invalid' as what, toString(platform) as platform, 'renewal' as kind, '' as stream, problem.1 as field,
  entity_id, customer_entity_id, [record_id] as record_ids, '1' as count, problem.2 as reason
from `plumbline`.`current_renewal` final
array join cast(invalid_reasons, 'Array(Tuple(String, String))') as problem
where invalid != 0 and deleted = 0
order by platform, record_id, field;

select 'invalid' as what, toString(platform) as platform, 'line' as kind, '' as stream, problem.1 as field,
  entity_id, customer_entity_id, [record_id] as record_ids, '1' as count, problem.2 as reason
from `plumbline`.`current_line` final
array join cast(invalid_reasons, 'Array(Tuple(String, String))') as problem
where invalid != 0 and deleted = 0
order by platform, record_id, field;

select 'invalid' as what, toString(platform) as platform, 'posting' as kind, '' as stream, problem.1 as field,
  entity_id, customer_entity_id, [record_id] as record_ids, '1' as count, problem.2 as reason
from `plumbline`.`current_posting` final
array join cast(invalid_reasons, 'Array(Tuple(String, String))') as problem
where invalid != 0 and deleted = 0
order by platform, record_id, field;
