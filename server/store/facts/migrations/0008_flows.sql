-- Flows: how every instance of a declared flow stands, and the two steps by which it is worked out inside the engine.

create table if not exists {db}.flow_instances (
  flow LowCardinality(String),
  eid UInt64,
  entity_id String,
  customer_eid UInt64,
  customer_entity_id String,
  platform LowCardinality(String),
  record_id String,
  stage LowCardinality(String),
  leg LowCardinality(String),
  since Nullable(DateTime64(3, 'UTC')),
  due_at Nullable(DateTime64(3, 'UTC')),
  completed_at Nullable(DateTime64(3, 'UTC')),
  act LowCardinality(String),
  amount Nullable(Decimal(38, 9)),
  currency LowCardinality(Nullable(String)),
  legs Array(Tuple(leg String, records UInt32, reached UInt8, at Nullable(DateTime64(3, 'UTC')), took_s Nullable(Int64), platform String, record_id String, entity_id String, state Nullable(String), lacking Array(String))),
  rev UInt64,
  gone UInt8
) engine = ReplacingMergeTree(rev, gone) order by (flow, eid)
settings index_granularity = 256, {durable};

-- Records that belong to a leg of a root; emptied before every flow.
create table if not exists {db}.flow_pairs (
  leg UInt8,
  root UInt64,
  eid UInt64
) engine = Memory;

-- What each leg came to for each root; emptied before every flow.
create table if not exists {db}.flow_legs (
  leg UInt8,
  root UInt64,
  records UInt32,
  reached UInt8,
  ended UInt8,
  at Nullable(DateTime64(3, 'UTC')),
  sure UInt8,
  due_at Nullable(DateTime64(3, 'UTC')),
  platform String,
  record_id String,
  entity_id String,
  state Nullable(String),
  lacking Array(String)
) engine = Memory;
