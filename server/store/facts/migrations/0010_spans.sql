-- Spans: steps of work that traced systems reported, found by trace, by correlation id or by a business key.

create table if not exists {db}.spans (
  trace_id String,
  span_id String,
  parent_span_id String,
  reported_by LowCardinality(String),
  service LowCardinality(String),
  platform LowCardinality(String),
  operation LowCardinality(String),
  kind LowCardinality(String),
  status LowCardinality(String),
  message String,
  started_at DateTime64(6, 'UTC'),
  duration_us UInt64,
  correlation_id String,
  attempt UInt16,
  keys Map(LowCardinality(String), String),
  attributes Map(LowCardinality(String), String),
  rev UInt64,
  index by_correlation correlation_id type bloom_filter granularity 4,
  index by_key mapValues(keys) type bloom_filter granularity 4,
  index by_time started_at type minmax granularity 1
) engine = ReplacingMergeTree(rev) order by (trace_id, span_id)
settings index_granularity = 1024, {durable};
