-- Ways of looking at a list that somebody keeps, for themselves or for everybody.
create table saved_views (
  id integer primary key,
  list text not null,
  name text not null,
  -- The address without its path: the query string of the dashboard.
  search text not null,
  shared integer not null default 0,
  owner text not null,
  created_at integer not null,
  changed_at integer not null
) strict;
create unique index saved_views_own on saved_views (list, owner, name);

-- What a list showed at one instant, kept as it was: links to it show the same for ever.
create table frozen_lists (
  id text primary key,
  list text not null,
  search text not null,
  owner text not null,
  at integer not null,
  body text not null
) strict;
create trigger frozen_lists_stay before update on frozen_lists begin select raise(abort, 'a frozen list never changes'); end;
