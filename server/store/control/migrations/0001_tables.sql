-- Tables of the control store. Instants are epoch milliseconds; JSON is text.

create table meta (
  key text primary key,
  value text not null
) strict, without rowid;

create table streams (
  platform text not null,
  stream text not null,
  kind text not null,
  cursor text,
  sweep_cursor text,
  complete_through integer,
  last_success_at integer,
  last_full_at integer,
  last_error text,
  completeness text,
  stopped text,
  held text not null default '[]',
  rows_read integer not null default 0,
  rows_stored integer not null default 0,
  quarantined integer not null default 0,
  primary key (platform, stream)
) strict, without rowid;

create table leases (
  name text primary key,
  holder text not null,
  fence integer not null,
  until integer not null
) strict, without rowid;

create table schedules (
  schedule text primary key,
  slot_at integer,
  claimed_at integer,
  finished_at integer,
  outcome text,
  missed integer not null default 0
) strict, without rowid;

create table runs (
  id text primary key,
  stage text not null,
  subject text not null,
  started_at integer not null,
  finished_at integer,
  outcome text not null,
  error text,
  stats text not null default '{}'
) strict, without rowid;
create index runs_by_subject on runs (stage, subject, started_at);
create index runs_by_start on runs (started_at);
create index runs_running on runs (outcome) where outcome = 'running';

create table checks (
  name text primary key,
  version text not null,
  through text,
  last_run_at integer,
  last_full_at integer,
  last_error text
) strict, without rowid;

create table kept (
  key text primary key,
  value text not null
) strict, without rowid;

create table sequences (
  name text primary key,
  value integer not null
) strict, without rowid;

create table issues (
  number integer primary key autoincrement,
  fingerprint text not null unique,
  check_id text not null,
  first_seen_at integer not null,
  assignee_team text,
  assignee_person text,
  snoozed_until integer,
  snooze_reason text,
  accepted_until integer,
  accept_reason text
) strict;

create table activity (
  id integer primary key autoincrement,
  issue integer not null references issues (number),
  at integer not null,
  actor text not null,
  what text not null,
  detail text not null
) strict;
create index activity_by_issue on activity (issue, id);

create table users (
  id text primary key,
  email text not null unique collate nocase,
  name text not null,
  role text not null,
  password_hash text,
  disabled integer not null default 0,
  created_at integer not null
) strict, without rowid;

create table one_time (
  hash text primary key,
  purpose text not null,
  expires_at integer not null
) strict, without rowid;

create table sessions (
  id text primary key,
  user_id text not null references users (id) on delete cascade,
  created_at integer not null,
  last_seen_at integer not null,
  absolute_until integer not null,
  proven_at integer not null
) strict, without rowid;
create index sessions_by_user on sessions (user_id);

create table tokens (
  id text primary key,
  user_id text not null references users (id) on delete cascade,
  name text not null,
  hash text not null unique,
  role text not null,
  created_at integer not null,
  expires_at integer,
  last_used_at integer
) strict, without rowid;

create table audit (
  seq integer primary key,
  at integer not null,
  actor text not null,
  action text not null,
  object text not null,
  detail text not null,
  previous text not null,
  hash text not null
) strict;

create trigger audit_is_never_changed before update on audit begin
  select raise(abort, 'audit entries are never changed');
end;

create trigger audit_is_never_shortened before delete on audit begin
  select raise(abort, 'audit entries are never deleted');
end;
