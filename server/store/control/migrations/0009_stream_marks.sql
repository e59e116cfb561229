-- How far each stream had been read, as known at each instant: what a look into the past is judged by.

create table stream_marks (
  platform text not null,
  stream text not null,
  at integer not null,
  complete_through integer,
  primary key (platform, stream, at)
) strict, without rowid;
