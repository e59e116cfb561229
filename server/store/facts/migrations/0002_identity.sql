-- Identity: claims as an index for neighbours, and the scratch set of a run.

alter table {db}.links modify column eid UInt64 default cityHash64(entity_id);

alter table {db}.link_history modify column eid UInt64 default cityHash64(entity_id);

alter table {db}.links add index if not exists by_entity eid type bloom_filter granularity 1;

alter table {db}.links add index if not exists by_rev rev type minmax granularity 1;

create table if not exists {db}.claims (
  kind LowCardinality(String),
  claim String,
  platform LowCardinality(String),
  record_id String
) engine = ReplacingMergeTree order by (kind, claim, platform, record_id)
settings index_granularity = 256, {durable};

create table if not exists {db}.claims_by_record (
  kind LowCardinality(String),
  claim String,
  platform LowCardinality(String),
  record_id String
) engine = ReplacingMergeTree order by (kind, platform, record_id, claim)
settings index_granularity = 256, {durable};

create materialized view if not exists {db}.claims_feed to {db}.claims_by_record as
select kind, claim, platform, record_id from {db}.claims;

create table if not exists {db}.identify_scratch (
  step LowCardinality(String),
  platform LowCardinality(String),
  record_id String
) engine = Memory;
