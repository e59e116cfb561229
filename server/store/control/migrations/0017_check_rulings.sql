-- Checks that an administrator switched off: why, by whom, and until when.
create table checks_off (
  id text primary key,
  reason text not null,
  author text not null,
  since integer not null,
  until integer
) strict;

-- Texts of checks that were live here, oldest first: what a check may be taken back to.
create table check_versions (
  seq integer primary key,
  id text not null,
  version text not null,
  yaml text not null,
  author text,
  at integer not null,
  reason text
) strict;
create index check_versions_of on check_versions (id, seq);
