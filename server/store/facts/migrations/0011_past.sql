-- The past: which records an entity ever had, and what moved in a span of time, without reading everything.

alter table {db}.link_history add index if not exists by_entity eid type bloom_filter granularity 1;

alter table {db}.touched add index if not exists by_at at type minmax granularity 1;

alter table {db}.touched add index if not exists by_touched eid type bloom_filter granularity 1;

alter table {db}.link_history add index if not exists by_seen observed_at type minmax granularity 1;
