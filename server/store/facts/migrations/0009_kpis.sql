-- Key figures by the hour, what an amount rests on, and the pattern of a difference.

create table if not exists {db}.kpis (
  kpi LowCardinality(String),
  scope LowCardinality(String),
  hour DateTime('UTC'),
  value Nullable(Decimal(38, 9)),
  n UInt64,
  why LowCardinality(String),
  measured_at DateTime64(3, 'UTC')
) engine = ReplacingMergeTree(measured_at) order by (kpi, scope, hour)
settings index_granularity = 1024, {durable};

alter table {db}.findings add column if not exists amount_basis LowCardinality(String) default '';

alter table {db}.findings add column if not exists pattern LowCardinality(String) default '';

alter table {db}.issues add column if not exists amounts_estimated Map(LowCardinality(String), Decimal(38, 9));
