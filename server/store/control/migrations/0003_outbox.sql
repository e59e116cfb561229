-- The outbox: one row is one message to one recipient over one channel. Written in the transaction of what it tells of.

create table outbox (
  id text primary key,
  dedupe text not null unique,
  kind text not null,
  refs text not null default '[]',
  channel text not null,
  recipient text not null,
  address text not null default '',
  message text not null,
  state text not null default 'waiting',
  attempts integer not null default 0,
  created_at integer not null,
  next_at integer not null,
  claimed_by text,
  lease_until integer,
  fence integer not null default 0,
  answer text,
  finished_at integer
) strict, without rowid;
create index outbox_due on outbox (channel, next_at) where state in ('waiting', 'retry', 'claimed');
create index outbox_by_creation on outbox (created_at);

-- Every attempt, never changed.
create table deliveries (
  id integer primary key autoincrement,
  outbox_id text not null references outbox (id),
  at integer not null,
  attempt integer not null,
  outcome text not null,
  status integer,
  answer text not null,
  ms integer not null,
  next_at integer
) strict;
create index deliveries_by_row on deliveries (outbox_id, id);
create index deliveries_by_time on deliveries (at);

-- How each channel fares: failing without a break since when, and whether it was switched off for that.
create table channel_states (
  channel text primary key,
  failing_since integer,
  last_success_at integer,
  last_answer text,
  disabled_at integer,
  disabled_reason text
) strict, without rowid;

-- Tickets that were made, by thread and channel, with their state as last read back.
create table tickets (
  channel text not null,
  thread text not null,
  ticket text not null,
  url text not null,
  state text not null,
  read_at integer not null,
  primary key (channel, thread)
) strict, without rowid;

create table attachments (
  hash text primary key,
  bytes blob not null,
  size integer not null,
  created_at integer not null
) strict, without rowid;

-- Who wants no more of a list, by the address that was told.
create table unsubscribed (
  list text not null,
  address text not null,
  at integer not null,
  primary key (list, address)
) strict, without rowid;
