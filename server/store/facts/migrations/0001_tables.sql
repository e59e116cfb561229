-- Fixed tables of the facts. {db} is the database, {durable} the settings that make an acknowledged row survive.

create table if not exists {db}.links (
  kind LowCardinality(String),
  platform LowCardinality(String),
  record_id String,
  entity_id String,
  eid UInt64,
  rule LowCardinality(String),
  evidence String,
  rev UInt64,
  observed_at DateTime64(3, 'UTC')
) engine = ReplacingMergeTree(rev) order by (kind, platform, record_id)
settings index_granularity = 256, {durable};

create table if not exists {db}.link_history (
  kind LowCardinality(String),
  platform LowCardinality(String),
  record_id String,
  entity_id String,
  eid UInt64,
  rule LowCardinality(String),
  evidence String,
  rev UInt64,
  observed_at DateTime64(3, 'UTC')
) engine = ReplacingMergeTree order by (kind, platform, record_id, rev)
settings {durable};

create table if not exists {db}.identity_conflicts (
  kind LowCardinality(String),
  key String,
  records Array(String),
  reason String,
  state LowCardinality(String),
  rev UInt64,
  observed_at DateTime64(3, 'UTC')
) engine = ReplacingMergeTree(rev) order by (kind, key)
settings {durable};

create table if not exists {db}.touched (
  rev UInt64,
  kind LowCardinality(String),
  eid UInt64,
  customer_eid UInt64,
  at DateTime64(3, 'UTC')
) engine = MergeTree order by rev
settings {durable};

create table if not exists {db}.findings (
  id String,
  issue UInt64,
  `check` LowCardinality(String),
  category LowCardinality(String),
  kind LowCardinality(String),
  entity_id String,
  eid UInt64 default if(entity_id = '', 0, cityHash64(entity_id)),
  customer_entity_id String,
  customer_eid UInt64 default if(customer_entity_id = '', 0, cityHash64(customer_entity_id)),
  platforms Array(LowCardinality(String)),
  subject String,
  scope String,
  field LowCardinality(Nullable(String)),
  verdict LowCardinality(String),
  cause LowCardinality(String),
  owner_platform LowCardinality(Nullable(String)),
  platform LowCardinality(Nullable(String)),
  expected String,
  actual String,
  `values` String,
  evidence String,
  amount_at_risk Nullable(Decimal(38, 9)),
  currency LowCardinality(Nullable(String)),
  severity LowCardinality(String),
  since Nullable(DateTime64(3, 'UTC')),
  due_at Nullable(DateTime64(3, 'UTC')),
  title String,
  state LowCardinality(String),
  regressed UInt8,
  first_seen_at DateTime64(3, 'UTC'),
  changed_at DateTime64(3, 'UTC'),
  last_seen_at DateTime64(3, 'UTC'),
  resolved_at Nullable(DateTime64(3, 'UTC')),
  run_id String,
  transition UInt32,
  rev UInt64,
  index by_check `check` type set(100) granularity 4,
  index by_issue issue type bloom_filter granularity 1,
  index by_entity eid type bloom_filter granularity 1,
  index by_customer customer_eid type bloom_filter granularity 1
) engine = ReplacingMergeTree(rev) order by id
settings index_granularity = 256, min_compress_block_size = 4096, {durable};

create table if not exists {db}.finding_events (
  id String,
  transition UInt32,
  at DateTime64(3, 'UTC'),
  from_state LowCardinality(Nullable(String)),
  to_state LowCardinality(String),
  verdict LowCardinality(String),
  cause LowCardinality(String),
  run_id String,
  reason String,
  detail String
) engine = ReplacingMergeTree order by (id, transition)
settings index_granularity = 256, {durable};

create table if not exists {db}.issues (
  number UInt64,
  fingerprint String,
  `check` LowCardinality(String),
  title String,
  category LowCardinality(String),
  kind LowCardinality(String),
  field LowCardinality(Nullable(String)),
  owner_platform LowCardinality(Nullable(String)),
  platform LowCardinality(Nullable(String)),
  cause LowCardinality(String),
  severity LowCardinality(String),
  state LowCardinality(String),
  findings_open UInt64,
  findings_in_flight UInt64,
  findings_undecided UInt64,
  findings_total UInt64,
  customers UInt64,
  amounts Map(LowCardinality(String), Decimal(38, 9)),
  amount_reporting Nullable(Decimal(38, 9)),
  first_seen_at DateTime64(3, 'UTC'),
  last_seen_at DateTime64(3, 'UTC'),
  changed_at DateTime64(3, 'UTC'),
  resolved_at Nullable(DateTime64(3, 'UTC')),
  due_at Nullable(DateTime64(3, 'UTC')),
  regressed UInt8,
  owner_team LowCardinality(String),
  rev UInt64
) engine = ReplacingMergeTree(rev) order by number
settings index_granularity = 256, min_compress_block_size = 4096, {durable};

create table if not exists {db}.quarantine (
  platform LowCardinality(String),
  stream LowCardinality(String),
  kind LowCardinality(String),
  record_id String,
  row_hash UInt64 default cityHash64(raw_base64),
  at DateTime64(3, 'UTC'),
  field LowCardinality(Nullable(String)),
  reason String,
  place String,
  raw_base64 String,
  state LowCardinality(String),
  rev UInt64
) engine = ReplacingMergeTree(rev) order by (platform, stream, record_id, row_hash)
settings index_granularity = 256, {durable};
