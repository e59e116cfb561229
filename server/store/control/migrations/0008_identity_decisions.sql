-- What people decided about identity. A decision is never deleted: one that was taken back says by whom and why.

create table identity_decisions (
  id integer primary key autoincrement,
  kind text not null,
  action text not null,
  groups text not null,
  before text not null,
  reason text not null,
  actor text not null,
  at integer not null,
  model text,
  changed integer not null,
  undone_at integer,
  undone_by text,
  undone_reason text
) strict;
create index identity_decisions_by_kind on identity_decisions (kind, changed);
