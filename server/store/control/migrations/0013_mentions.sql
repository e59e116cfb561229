-- Who was spoken to in a comment, and whether they have seen it.
create table mentions (
  id integer primary key,
  user_id text not null,
  issue integer not null,
  at integer not null,
  by text not null,
  says text not null,
  read_at integer
) strict;
create index mentions_of on mentions (user_id, read_at, id);
