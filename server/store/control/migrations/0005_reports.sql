-- Reports: what was made and sent, for ever; what became of every planned run; who gets what; certificates.

-- Content and data by the hash of their text, packed; written once.
create table report_papers (
  hash text primary key,
  packed text not null
) strict, without rowid;

create table report_archive (
  id text primary key,
  report text not null,
  made_at integer not null,
  slot_at integer,
  period_from integer not null,
  period_to integer not null,
  late integer not null,
  subject text not null,
  content text not null references report_papers (hash),
  data text not null references report_papers (hash),
  facts text not null
) strict, without rowid;
create index report_archive_by_report on report_archive (report, made_at);

create table report_runs (
  report text not null,
  slot_at integer not null,
  at integer not null,
  outcome text not null,
  why text not null,
  archive text,
  primary key (report, slot_at)
) strict, without rowid;

-- Who asked for a report beside its list; who wants no more of it is in unsubscribed.
create table report_subscribers (
  report text not null,
  email text not null,
  at integer not null,
  primary key (report, email)
) strict, without rowid;

create table report_pauses (
  report text primary key,
  actor text not null,
  at integer not null
) strict, without rowid;

create table certificates (
  id text primary key,
  made_at integer not null,
  key_id text not null,
  document text not null
) strict, without rowid;

create trigger report_papers_are_never_changed before update on report_papers begin
  select raise(abort, 'reports are never changed');
end;
create trigger report_papers_are_never_deleted before delete on report_papers begin
  select raise(abort, 'reports are never deleted');
end;
create trigger report_archive_is_never_changed before update on report_archive begin
  select raise(abort, 'reports are never changed');
end;
create trigger report_archive_is_never_shortened before delete on report_archive begin
  select raise(abort, 'reports are never deleted');
end;
create trigger certificates_are_never_changed before update on certificates begin
  select raise(abort, 'certificates are never changed');
end;
create trigger certificates_are_never_deleted before delete on certificates begin
  select raise(abort, 'certificates are never deleted');
end;
