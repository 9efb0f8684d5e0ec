create table if not exists operations.step_log (
    step varchar not null,
    simulation_year integer,
    seconds double not null,
    rows bigint,
    peak_memory_mb double,
    database_mb double
)
