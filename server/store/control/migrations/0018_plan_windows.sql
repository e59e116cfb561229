-- Approved plans that wait for their hours: who armed them, freshly proven, for exactly which plan and when.
create table plan_windows (
  seq integer primary key autoincrement,
  plan text not null references plans (id),
  armed_at integer not null,
  armed_by text not null,
  hash text not null,
  -- Configured window; null: hours that somebody named.
  name text,
  opens_at integer not null,
  closes_at integer not null,
  reason text not null,
  proven_at integer not null,
  seal text not null,
  check (closes_at > opens_at)
) strict;
create index plan_windows_by_plan on plan_windows (plan, seq);
create trigger plan_windows_true before insert on plan_windows
when not exists (select 1 from plans p where p.id = new.plan and p.hash = new.hash and p.state = 'approved')
begin select raise(abort, 'only an approved plan waits for a window, as it stands'); end;
create trigger plan_windows_bound before update on plan_windows
begin select raise(abort, 'a window is never changed, only given anew'); end;
create trigger plan_windows_kept before delete on plan_windows
begin select raise(abort, 'windows of plans are kept'); end;
