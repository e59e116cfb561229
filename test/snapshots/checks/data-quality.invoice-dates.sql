select cityHash64(ifNull(entity_id, '')) as eid, *
from (
  select cast(toString(entity_id), 'Nullable(String)') as entity_id, cast(toString(customer_entity_id), 'Nullable(String)') as customer_entity_id, cast(toString(platform), 'Nullable(String)') as platform, cast(toString(record_id), 'Nullable(String)') as record_id, cast(null, 'Nullable(String)') as owner_platform, cast(toString(field), 'Nullable(String)') as field, cast(null, 'Nullable(String)') as expected, cast(toString(actual), 'Nullable(String)') as actual, cast(null, 'Nullable(String)') as amount, cast(null, 'Nullable(String)') as currency, cast(toString(changed_at), 'Nullable(String)') as changed_at, cast(toString(says), 'Nullable(String)') as says
  from (
select entity_id, customer_entity_id, platform, record_id, 'due_on' as field, due_on as actual, changed_at,
  concat('It was issued on ', issued_on, ' and falls due on ', due_on, '.') as says
from `plumbline`.current_invoice final
where 1 and deleted = 0 and state in ('open', 'paid')
  and length(due_on) = 10 and length(issued_on) = 10 and due_on < issued_on
  )
)
order by entity_id, platform, record_id, field;
