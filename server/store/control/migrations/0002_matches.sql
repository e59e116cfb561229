-- Matches that people confirmed or rejected. One row a set of members; `written` tells whether the facts know it.

create table matches (
  id integer primary key autoincrement,
  members_key text not null unique,
  check_id text not null,
  state text not null,
  members text not null,
  allowance text,
  currency text,
  reason text not null,
  actor text not null,
  at integer not null,
  written integer not null default 0
) strict;
create index matches_by_check on matches (check_id, state);
create index matches_unwritten on matches (written) where written = 0;
