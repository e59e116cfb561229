-- Alerts: what was noticed, who was to be told, and what people said about that.

-- What was last noticed of each subject: an issue, an edge's budget, or the monitor itself.
create table alert_standings (
  subject text primary key,
  standing text not null
) strict, without rowid;

-- One row a transition, written together with the standing it leads to.
create table alert_events (
  id integer primary key autoincrement,
  subject text not null,
  transition integer not null,
  trigger text not null,
  at integer not null,
  about text not null,
  unique (subject, transition)
) strict;
create index alert_events_by_time on alert_events (at);

-- One row for each recipient that a rule found, and one without recipient where none did.
create table alert_notices (
  id integer primary key autoincrement,
  event_id integer not null references alert_events (id),
  subject text not null,
  route text not null,
  recipient text not null,
  channel text not null,
  state text not null,
  reason text not null,
  group_key text not null,
  due_at integer not null,
  sent_at integer,
  outbox_id text,
  step integer not null default 0,
  unique (event_id, recipient, channel)
) strict;
create index alert_notices_open on alert_notices (state, due_at) where state in ('queued', 'held');
create index alert_notices_by_subject on alert_notices (subject, id);
create index alert_notices_by_group on alert_notices (group_key, sent_at);

create table alert_silences (
  id integer primary key autoincrement,
  match text not null,
  created_at integer not null,
  ends_at integer not null,
  author text not null,
  reason text not null,
  end_on_resolve integer not null default 0,
  ended_at integer,
  ended_by text
) strict;

create table alert_acknowledgements (
  subject text primary key,
  actor text not null,
  at integer not null,
  note text not null
) strict, without rowid;
