-- Time, rows and memory of each step, model and test.
select
    step,
    simulation_year,
    seconds,
    rows,
    rows / nullif(seconds, 0) as rows_per_second,
    peak_memory_mb,
    database_mb
from {{ source('operations', 'step_log') }}
