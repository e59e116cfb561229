-- What was received: deliveries already taken in, records to be read again, and what came of every attempt to deliver.

create table received (
  platform text not null,
  key text not null,
  content text not null,
  first_at integer not null,
  last_at integer not null,
  times integer not null default 1,
  primary key (platform, key, content)
) strict, without rowid;
create index received_by_age on received (last_at);

create table hints (
  platform text not null,
  stream text not null,
  record_id text not null,
  asked_at integer not null,
  due_at integer not null,
  tries integer not null default 0,
  primary key (platform, stream, record_id)
) strict, without rowid;
create index hints_by_due on hints (due_at);

create table hooks (
  platform text not null,
  outcome text not null,
  reason text not null,
  n integer not null,
  last_at integer not null,
  primary key (platform, outcome, reason)
) strict, without rowid;
