-- Overview for operators, one row per year: state, time, rows, speed, memory, checks.
with ledger as (
    select * from {{ source('state', 'year_ledger') }}
),

steps as (
    select
        simulation_year,
        max(peak_memory_mb) as peak_memory_mb,
        max(database_mb) as database_mb
    from {{ source('operations', 'step_log') }}
    group by simulation_year
),

taken as (
    select * from {{ ref('pipeline_sla_check') }}
),

checks as (
    select
        simulation_year,
        count(*) filter (where status = 'pass') as checks_passed,
        count(*) filter (where status = 'warn') as checks_warned,
        count(*) filter (where status = 'fail') as checks_failed
    from {{ ref('mon_data_quality') }}
    group by simulation_year
)

select
    ledger.simulation_year,
    ledger.status,
    ledger.started_at,
    ledger.finished_at,
    taken.seconds,
    taken.limit_seconds,
    ledger.rows_written,
    ledger.rows_written / nullif(taken.seconds, 0) as rows_per_second,
    steps.peak_memory_mb,
    steps.database_mb,
    checks.checks_passed,
    checks.checks_warned,
    checks.checks_failed
from ledger
left join taken on ledger.simulation_year = taken.simulation_year
left join steps on ledger.simulation_year = steps.simulation_year
left join checks on ledger.simulation_year = checks.simulation_year
