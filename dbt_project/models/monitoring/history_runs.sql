-- One row per run of the output directory: outcome, time against its limits, size and checks.
with steps as (
    select * from {{ ref('history_pipeline_performance') }}
    -- models and tests are part of the step `dbt build`
    where step not like 'model %' and step not like 'test %'
),

taken as (
    select
        run_id,
        sum(seconds) as seconds,
        cast(sum(rows) filter (where step = 'dbt build') as bigint) as rows_written,
        sum(seconds) filter (where step = 'dbt build') as build_seconds,
        max(peak_memory_mb) as peak_memory_mb,
        arg_max(database_mb, coalesce(simulation_year, 9999)) as database_mb
    from steps
    group by run_id
),

run_years as (
    select
        run_id,
        simulation_year,
        sum(seconds) as seconds
    from steps
    where simulation_year is not null
    group by run_id, simulation_year
),

slowest_year as (
    select
        run_id,
        max(seconds) as seconds
    from run_years
    group by run_id
),

checks as (
    select
        run_id,
        count(*) filter (where status = 'pass') as checks_passed,
        count(*) filter (where status = 'warn') as checks_warned,
        count(*) filter (where status = 'fail') as checks_failed
    from {{ ref('history_data_quality') }}
    group by run_id
)

select
    runs.run_id,
    runs.status,
    runs.started_at,
    runs.finished_at,
    runs.first_year,
    runs.last_year,
    runs.scenarios,
    runs.replicates,
    runs.employees,
    runs.settings_hash,
    taken.seconds,
    runs.run_limit_seconds,
    slowest_year.seconds as slowest_year_seconds,
    runs.year_limit_seconds,
    coalesce(
        taken.seconds <= runs.run_limit_seconds
        and coalesce(slowest_year.seconds, 0) <= runs.year_limit_seconds, true
    ) as is_within_limits,
    taken.rows_written,
    taken.rows_written / nullif(taken.build_seconds, 0) as rows_per_second,
    taken.peak_memory_mb,
    taken.database_mb,
    coalesce(checks.checks_passed, 0) as checks_passed,
    coalesce(checks.checks_warned, 0) as checks_warned,
    coalesce(checks.checks_failed, 0) as checks_failed
from {{ source('inputs', 'history_runs') }} as runs
left join taken on runs.run_id = taken.run_id
left join slowest_year on runs.run_id = slowest_year.run_id
left join checks on runs.run_id = checks.run_id
