-- How often a planned report was tried: one that could not be made is made again, less and less often.
alter table report_runs add column attempts integer not null default 1;
