-- The linker: block keys and frequencies kept for increments, models, and proposals for people.

create table if not exists {db}.link_keys (
  kind LowCardinality(String),
  key UInt64,
  platform LowCardinality(String),
  record_id String
) engine = ReplacingMergeTree order by (kind, key, platform, record_id)
settings index_granularity = 256, {durable};

create table if not exists {db}.link_frequencies (
  kind LowCardinality(String),
  of LowCardinality(String),
  value String,
  bits Float32,
  rev UInt64
) engine = ReplacingMergeTree(rev) order by (kind, of, value)
settings index_granularity = 256, {durable};

create table if not exists {db}.link_models (
  kind LowCardinality(String),
  version String,
  parameters String,
  records UInt64,
  compared UInt64,
  skipped String,
  rev UInt64,
  trained_at DateTime64(3, 'UTC')
) engine = ReplacingMergeTree(rev) order by (kind, rev)
settings {durable};

create table if not exists {db}.link_suggestions (
  kind LowCardinality(String),
  id String,
  records Array(String),
  bits Float32,
  probability Float64,
  pattern UInt64,
  rarities Array(Float32),
  model String,
  state LowCardinality(String),
  rev UInt64,
  at DateTime64(3, 'UTC')
) engine = ReplacingMergeTree(rev) order by (kind, id)
settings index_granularity = 256, {durable};
