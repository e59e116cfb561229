-- Events that platforms and middleware recorded, and all platforms at fault of an issue.

create table if not exists {db}.events (
  id String,
  at DateTime64(3, 'UTC'),
  type LowCardinality(String),
  reported_by LowCardinality(String),
  from_platform LowCardinality(String),
  to_platform LowCardinality(String),
  kind LowCardinality(String),
  record_id String,
  number String,
  correlation_id String,
  trace_id String,
  message String,
  actor String,
  release String,
  detail String,
  rev UInt64,
  index by_number number type bloom_filter granularity 4,
  index by_correlation correlation_id type bloom_filter granularity 4,
  index by_at at type minmax granularity 1,
  index by_rev rev type minmax granularity 1
) engine = ReplacingMergeTree(rev) order by (kind, record_id, reported_by, id)
settings index_granularity = 1024, {durable};

-- The span over which deliveries are reported: only inside it does silence prove anything.
create table if not exists {db}.event_spans (
  from_platform LowCardinality(String),
  to_platform LowCardinality(String),
  kind LowCardinality(String),
  reported_by LowCardinality(String),
  since SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
  through SimpleAggregateFunction(max, DateTime64(3, 'UTC'))
) engine = AggregatingMergeTree order by (from_platform, to_platform, kind, reported_by)
settings {durable};

create materialized view if not exists {db}.event_spans_feed to {db}.event_spans as
select from_platform, to_platform, kind, reported_by, min(at) as since, max(at) as through
from {db}.events where type = 'sent' group by from_platform, to_platform, kind, reported_by;

alter table {db}.issues add column if not exists platforms Array(LowCardinality(String)) default if(isNull(platform), [], [assumeNotNull(platform)]);
