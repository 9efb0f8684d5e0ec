create table if not exists year_ledger (
    simulation_year integer not null,
    status varchar not null check (status in ('running', 'complete', 'failed')),
    started_at timestamptz not null,
    finished_at timestamptz,
    content_hash varchar,
    rows_written bigint,
    duckdb_version varchar not null
)
