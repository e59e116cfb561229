-- Which cards of a screen a person is shown, in which order; no row: as the role has it.
create table layouts (
  user_id text not null,
  screen text not null,
  cards text not null,
  changed_at integer not null,
  primary key (user_id, screen)
) strict;
