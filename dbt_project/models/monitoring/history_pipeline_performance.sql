-- What each step, model and test took, in this run and in the others in the output directory.
with steps as (
    select
        run_id,
        step,
        simulation_year,
        seconds,
        rows,
        peak_memory_mb,
        database_mb
    from {{ source('inputs', 'history_steps') }}
    union all
    select
        this_run.run_id,
        performance.step,
        performance.simulation_year,
        performance.seconds,
        performance.rows,
        performance.peak_memory_mb,
        performance.database_mb
    from {{ ref('mon_pipeline_performance') }} as performance
    cross join {{ source('inputs', 'this_run') }} as this_run
)

select
    *,
    rows / nullif(seconds, 0) as rows_per_second
from steps
