-- Who reported an exception, and by what it can be told to run the same again.
alter table exceptions add column via text;
alter table exceptions add column run text;
