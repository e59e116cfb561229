-- Reports are kept as long as the configuration says. What is removed is content and data; that it was sent, what it was
-- called, its key figures and the hashes of what it said stay for ever, and so does when and by which rule it was removed.

create table report_removals (
  id text primary key,
  at integer not null,
  -- How long it had to be kept, milliseconds.
  kept_for integer not null,
  bytes integer not null
) strict, without rowid;

-- The hashes outlive what they are of: the archive no longer refers to the papers.
create table report_archive_rebuilt (
  id text primary key,
  report text not null,
  made_at integer not null,
  slot_at integer,
  period_from integer not null,
  period_to integer not null,
  late integer not null,
  subject text not null,
  content text not null,
  data text not null,
  facts text not null
) strict, without rowid;
insert into report_archive_rebuilt
  select id, report, made_at, slot_at, period_from, period_to, late, subject, content, data, facts from report_archive;
drop trigger report_archive_is_never_changed;
drop trigger report_archive_is_never_shortened;
drop table report_archive;
alter table report_archive_rebuilt rename to report_archive;
create index report_archive_by_report on report_archive (report, made_at);
create index report_archive_by_time on report_archive (made_at);
create index report_archive_by_content on report_archive (content);
create index report_archive_by_data on report_archive (data);

create trigger report_archive_is_never_changed before update on report_archive begin
  select raise(abort, 'reports are never changed');
end;
create trigger report_archive_is_never_shortened before delete on report_archive begin
  select raise(abort, 'that a report was sent is never forgotten');
end;

-- A removal comes when its time has come, and is for ever.
create trigger report_removals_come_in_time before insert on report_removals
when not exists (select 1 from report_archive where id = new.id and made_at + new.kept_for <= new.at) begin
  select raise(abort, 'this report must still be kept');
end;
create trigger report_removals_are_never_changed before update on report_removals begin
  select raise(abort, 'removals are never changed');
end;
create trigger report_removals_are_never_deleted before delete on report_removals begin
  select raise(abort, 'removals are never deleted');
end;

-- Papers leave only when every report that they are of was removed by its rule.
drop trigger report_papers_are_never_deleted;
create trigger report_papers_are_deleted_by_rule before delete on report_papers
when exists (
  select 1 from report_archive where (content = old.hash or data = old.hash)
    and not exists (select 1 from report_removals r where r.id = report_archive.id)
) begin
  select raise(abort, 'reports are never deleted before their time');
end;
