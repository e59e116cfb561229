-- Scratch of a run of identification: who every record of the reach says it is, worked out once from its wide row.

create table if not exists {db}.identify_nodes (
  platform LowCardinality(String),
  record_id String,
  refs Array(Tuple(String, String)),
  merged_into String,
  keys Array(Nullable(String)),
  country String,
  customer String,
  worth Nullable(String),
  parent String
) engine = Memory;
