-- Who every record says it is, in one narrow row: neighbours of what moves are read here and not in their wide rows.
-- `reading` is what it was read by; rows of another reading count as unknown.

create table if not exists {db}.identity_nodes (
  kind LowCardinality(String),
  platform LowCardinality(String),
  record_id String,
  refs Array(Tuple(String, String)),
  merged_into String,
  keys Array(Nullable(String)),
  country String,
  customer String,
  worth Nullable(String),
  parent String,
  reading UInt64,
  rev UInt64
) engine = ReplacingMergeTree(rev) order by (kind, platform, record_id)
settings index_granularity = 64, min_compress_block_size = 4096, {durable};

-- Single claims and links are looked up among millions: a block holds one granule, not twenty.

alter table {db}.claims modify setting min_compress_block_size = 4096;

alter table {db}.claims_by_record modify setting min_compress_block_size = 4096;

alter table {db}.links modify setting min_compress_block_size = 4096;
