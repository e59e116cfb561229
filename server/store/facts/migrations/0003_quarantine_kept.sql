-- Whether the record was stored all the same, without the one value that could not be read.
alter table {db}.quarantine add column if not exists kept UInt8 default 0;
