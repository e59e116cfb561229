-- Remediation: plans and their items, who approved what, the journal of every write, exceptions, runbooks, what came of fixes.

create table plans (
  id text primary key,
  number integer not null unique,
  -- Canonical JSON. Hash = SHA-256 over it and the hash of every item's body; an approval binds to it.
  header text not null,
  hash text not null,
  items integer not null,
  requester text not null,
  state text not null,
  undo_of text references plans (id),
  created_at integer not null,
  expires_at integer not null,
  started_at integer,
  finished_at integer,
  -- Why it stopped, was rejected or was paused, in a sentence.
  reason text,
  -- What the dry run said, JSON; information, not bound.
  dry_run text,
  progress text not null default '{}'
) strict;
create index plans_by_state on plans (state, created_at);

create table plan_items (
  plan text not null references plans (id),
  seq integer not null,
  body text not null,
  entity text not null,
  -- The record that it writes: `platform kind id`; one writer at a time.
  target text not null,
  issue integer,
  state text not null default 'pending',
  result text,
  at integer,
  primary key (plan, seq)
) strict, without rowid;
create index plan_items_by_state on plan_items (plan, state, seq);
create index plan_items_by_issue on plan_items (issue) where issue is not null;

create table approvals (
  plan text not null references plans (id),
  approver text not null,
  requester text not null,
  hash text not null,
  reason text not null,
  at integer not null,
  proven_at integer not null,
  seal text not null,
  primary key (plan, approver),
  check (approver <> requester)
) strict;

-- One row for every write that was ever begun. `sending` found at start-up means: nobody knows.
create table intents (
  plan text not null,
  seq integer not null,
  key text not null unique,
  target text not null,
  holder text not null,
  attempt integer not null,
  state text not null,
  mark text,
  claimed_at integer not null,
  sending_at integer,
  settled_at integer,
  primary key (plan, seq),
  foreign key (plan, seq) references plan_items (plan, seq)
) strict;
create unique index intents_one_writer on intents (target) where state <> 'settled';

create table exceptions (
  id integer primary key autoincrement,
  source text not null,
  source_key text not null,
  class text not null,
  business integer not null,
  fingerprint text not null,
  platform text,
  target text,
  kind text,
  record_id text,
  entity_id text,
  event_id text,
  correlation_id text,
  event_at integer,
  reason text not null,
  payload text,
  exchange text,
  money text,
  currency text,
  priority text not null,
  owner_team text,
  owner_person text,
  attempts integer not null default 0,
  next_at integer,
  state text not null,
  first_at integer not null,
  last_at integer not null,
  replay_until integer,
  warned_at integer,
  resolved_at integer,
  resolved_by text,
  evidence text,
  unique (source, source_key)
) strict;
create index exceptions_by_state on exceptions (state, last_at);
create index exceptions_by_fingerprint on exceptions (fingerprint, state);

create table runbook_steps (
  issue integer not null,
  step integer not null,
  -- The step's words when it was ticked: a runbook may change.
  says text not null,
  done_by text not null,
  done_at integer not null,
  note text,
  primary key (issue, step)
) strict;

create table fix_outcomes (
  id integer primary key autoincrement,
  plan text,
  seq integer,
  issue integer not null,
  finding text not null,
  check_id text not null,
  action text not null,
  applied_at integer not null,
  outcome text not null default 'waiting',
  settled_at integer,
  unique (plan, seq, finding)
) strict;
create index fix_outcomes_waiting on fix_outcomes (outcome, applied_at);
create index fix_outcomes_by_finding on fix_outcomes (finding);

-- What an approval binds to never changes; who goes around these triggers is found by the hash.
create trigger plans_bound before update of id, number, header, hash, items, requester, undo_of, created_at, expires_at on plans
begin select raise(abort, 'a plan is never changed, only replaced'); end;
create trigger plans_kept before delete on plans
begin select raise(abort, 'plans are kept'); end;
create trigger plan_items_bound before update of body, entity, target, issue on plan_items
begin select raise(abort, 'an item of a plan is never changed'); end;
create trigger plan_items_kept before delete on plan_items
begin select raise(abort, 'items of plans are kept'); end;
create trigger approvals_true before insert on approvals
when not exists (select 1 from plans p where p.id = new.plan and p.requester = new.requester and p.hash = new.hash and p.state = 'waiting')
begin select raise(abort, 'this approval is not for this plan as it stands'); end;
create trigger approvals_bound before update on approvals
begin select raise(abort, 'an approval is never changed'); end;
create trigger approvals_kept before delete on approvals
begin select raise(abort, 'approvals are kept'); end;
-- No write is begun outside of a plan that is being applied.
create trigger intents_planned before insert on intents
when not exists (select 1 from plans p where p.id = new.plan and p.state = 'applying')
begin select raise(abort, 'no write without a plan that is being applied'); end;
create trigger intents_sent before update of state on intents
when new.state = 'sending' and not exists (select 1 from plans p where p.id = new.plan and p.state = 'applying')
begin select raise(abort, 'no write without a plan that is being applied'); end;
