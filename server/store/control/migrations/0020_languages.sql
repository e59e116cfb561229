-- The language that a person has chosen for the dashboard. Without a row the browser's holds.
create table languages (
  user_id text primary key,
  language text not null
) strict;
