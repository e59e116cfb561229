-- Lag: one row a change of a field group at its owner, for each follower that had to take it. rev tells the run that wrote it.

create table if not exists {db}.lag (
  eid UInt64,
  kind LowCardinality(String),
  part LowCardinality(String),
  owner LowCardinality(String),
  follower LowCardinality(String),
  change UInt64,
  entity_id String,
  customer_entity_id String,
  record_id String,
  follower_record_id String,
  fields Array(LowCardinality(String)),
  changed_at DateTime64(3, 'UTC'),
  due_at DateTime64(3, 'UTC'),
  agreed_at Nullable(DateTime64(3, 'UTC')),
  overtaken_at Nullable(DateTime64(3, 'UTC')),
  outcome LowCardinality(String),
  lacks LowCardinality(String),
  excluded LowCardinality(String),
  rev UInt64,
  gone UInt8,
  index by_rev rev type minmax granularity 1,
  index by_change changed_at type minmax granularity 1,
  index by_due due_at type minmax granularity 1
) engine = ReplacingMergeTree(rev) partition by toYYYYMM(toStartOfQuarter(changed_at)) order by (eid, kind, part, owner, follower, change)
settings index_granularity = 1024, {durable};

-- The same by the hour of the change. Rewritten whole whenever a row of the hour moved, so that a run that is repeated
-- after a crash counts nothing twice; the quantile states do not depend on the order in which they were filled.
create table if not exists {db}.lag_hours (
  kind LowCardinality(String),
  part LowCardinality(String),
  owner LowCardinality(String),
  follower LowCardinality(String),
  hour DateTime('UTC'),
  changes UInt64,
  in_time UInt64,
  late UInt64,
  lost UInt64,
  lost_late UInt64,
  waiting UInt64,
  unmeasured UInt64,
  unmeasured_arrived UInt64,
  excluded UInt64,
  slowest Float64,
  shape Array(UInt64),
  lags AggregateFunction(quantilesDD(0.01, 0.5, 0.95, 0.99), Float64),
  rev UInt64
) engine = ReplacingMergeTree(rev) order by (kind, part, owner, follower, hour)
settings index_granularity = 1024, {durable};
