-- What ends a snooze before its time: JSON with what it was when somebody snoozed it; null: time alone.
alter table issues add column snooze_wakes text;
