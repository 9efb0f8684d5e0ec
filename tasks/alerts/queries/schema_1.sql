create table if not exists alerts (
    id text primary key,
    desk text,  -- who raised it
    fingerprint text not null,
    severity text not null,
    document text not null,
    raised_at real not null,
    last_at real not null,
    count integer not null default 1,
    told_count integer not null default 0,  -- of the count, how many were reported; 0: no message yet
    level integer not null default 1,  -- the highest that was notified
    ordered_level integer not null default 1,  -- the highest that is to be notified now
    acknowledged_at real,
    acknowledged_by text
);
create index if not exists alerts_fingerprint on alerts (fingerprint, raised_at);
create table if not exists deliveries (
    id integer primary key,
    desk text,  -- whose courier delivers it
    channel text not null,
    severity text not null,
    subject text not null,
    text text not null,
    markdown text not null,
    alert_ids text not null,
    created_at real not null,
    due_at real not null,
    claimed_at real,
    attempts integer not null default 0,
    status text not null default 'pending',  -- pending, delivered, failed
    finished_at real,
    error text
);
create table if not exists digests (sent_at real not null);
