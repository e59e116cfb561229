-- Scratch of a run of identification: where references point, and what they mean.

create table if not exists {db}.identify_pointers (
  platform LowCardinality(String),
  record_id String,
  field LowCardinality(String),
  to_kind LowCardinality(String),
  to_platform LowCardinality(String),
  to_id String
) engine = Memory;

create table if not exists {db}.identify_references (
  platform LowCardinality(String),
  record_id String,
  field LowCardinality(String),
  eid UInt64,
  entity_id String
) engine = Memory;
