-- resolved_desk: who found out, and reports it; is_good: a message that alerts are resolved
alter table alerts add column resolved_at real;
alter table alerts add column resolved_how text;
alter table alerts add column resolved_desk text;
alter table alerts add column resolution_told integer not null default 0;
alter table deliveries add column level integer not null default 1;
alter table deliveries add column is_good integer not null default 0;
