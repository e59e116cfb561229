-- Retention: what is under legal hold, what was removed by which rule, and where the audit trail begins.

create table legal_holds (
  id integer primary key autoincrement,
  scope text not null check (scope in ('everything', 'customer', 'issue')),
  -- Entity of the customer, or `I-12`; empty: everything.
  subject text not null,
  reason text not null,
  placed_by text not null,
  placed_at integer not null,
  lifted_at integer,
  lifted_by text,
  lifted_reason text,
  check ((scope = 'everything') = (subject = '')),
  check ((lifted_at is null) = (lifted_by is null) and (lifted_at is null) = (lifted_reason is null))
) strict;
create unique index legal_holds_once on legal_holds (scope, subject) where lifted_at is null;
create trigger legal_holds_stay before delete on legal_holds begin
  select raise(abort, 'legal holds are lifted, never deleted');
end;
create trigger legal_holds_are_lifted_once before update on legal_holds
when old.lifted_at is not null or new.scope <> old.scope or new.subject <> old.subject or new.reason <> old.reason
  or new.placed_by <> old.placed_by or new.placed_at <> old.placed_at begin
  select raise(abort, 'a legal hold is never changed, only lifted');
end;

-- One row for each removal, written before anything goes: what a crash cut off is found by its missing end.
create table removals (
  id integer primary key autoincrement,
  class text not null,
  -- How long it had to be kept, milliseconds, and what was removed is older than.
  kept_for integer not null,
  cutoff integer not null,
  rows integer not null,
  oldest integer,
  newest integer,
  bytes integer,
  actor text not null,
  reason text not null,
  began_at integer not null,
  ended_at integer
) strict;
create index removals_by_class on removals (class, cutoff);
create trigger removals_stay before delete on removals begin
  select raise(abort, 'removals are never deleted');
end;
create trigger removals_end_once before update on removals
when old.ended_at is not null or new.class <> old.class or new.cutoff <> old.cutoff or new.kept_for <> old.kept_for begin
  select raise(abort, 'a removal is never changed');
end;

-- Where the audit trail was shortened: the seal of the last entry that went, which the first that stays refers to.
create table audit_cuts (
  through integer primary key,
  hash text not null,
  kept_for integer not null,
  at integer not null,
  seal text not null
) strict;
create trigger audit_cuts_come_in_time before insert on audit_cuts
when exists (select 1 from audit where seq <= new.through and at + new.kept_for > new.at)
  or not exists (select 1 from audit where seq = new.through and hash = new.hash)
  or not exists (select 1 from audit where seq > new.through) begin
  select raise(abort, 'the audit trail must still be kept');
end;
create trigger audit_cuts_are_never_changed before update on audit_cuts begin
  select raise(abort, 'cuts of the audit trail are never changed');
end;
create trigger audit_cuts_are_never_deleted before delete on audit_cuts begin
  select raise(abort, 'cuts of the audit trail are never deleted');
end;
drop trigger audit_is_never_shortened;
create trigger audit_is_never_shortened before delete on audit
when not exists (select 1 from audit_cuts where through >= old.seq) begin
  select raise(abort, 'audit entries are never deleted before their time');
end;

-- While everything is held nothing begins to go, whoever asks.
create trigger removals_wait before insert on removals
when exists (select 1 from legal_holds where scope = 'everything' and lifted_at is null) begin
  select raise(abort, 'everything is under legal hold');
end;
create trigger audit_cuts_wait before insert on audit_cuts
when exists (select 1 from legal_holds where scope = 'everything' and lifted_at is null) begin
  select raise(abort, 'everything is under legal hold');
end;
create trigger report_removals_wait before insert on report_removals
when exists (select 1 from legal_holds where scope = 'everything' and lifted_at is null) begin
  select raise(abort, 'everything is under legal hold');
end;
