-- Keys that a person matched: all records that hang on one of them are one group, filed under `main`.
create table if not exists {db}.matched_keys (
  key UInt64,
  kind LowCardinality(String),
  entity_id String,
  main UInt64,
  main_entity String,
  allowance Nullable(Decimal(38, 9)),
  gone UInt8,
  rev UInt64
) engine = ReplacingMergeTree(rev) order by key
settings index_granularity = 256, {durable};
