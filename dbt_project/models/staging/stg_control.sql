-- The year under simulation and its calendar.
with control as (
    select * from {{ source('inputs', 'run_control') }}
)

select
    simulation_year,
    start_year,
    end_year,
    random_seed,
    is_uncertain,
    has_own_draws,
    make_date(simulation_year, 1, 1) as year_start,
    make_date(simulation_year, 12, 31) as year_end,
    make_date(simulation_year, 12, 31) - make_date(simulation_year, 1, 1) + 1 as days_in_year
from control
