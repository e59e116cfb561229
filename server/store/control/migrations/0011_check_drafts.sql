-- Checks that somebody is writing: a draft, or a shadow that looks in every round and tells nobody.
create table check_drafts (
  id text primary key,
  yaml text not null,
  state text not null check (state in ('draft', 'shadow')),
  author text not null,
  changed_at integer not null
) strict;

-- What a shadow saw, round by round, beside what the live version has open.
create table shadow_runs (
  id text not null,
  version text not null,
  at integer not null,
  open integer not null,
  in_flight integer not null,
  undecided integer not null,
  added integer not null,
  removed integer not null,
  error text,
  sample text not null,
  primary key (id, at)
) strict;
