-- Checks that an administrator switched off: why, by whom, and until when.
create table checks_off (
  id text primary key,
  reason text not null,
  author text not null,
  since integer not null,
  until integer
) strict;

-- Texts of checks that were live here, numbered for each check: what it may be taken back to.
create table check_versions (
  id text not null,
  number integer not null,
  version text not null,
  yaml text not null,
  author text,
  at integer not null,
  reason text,
  primary key (id, number)
) strict;
