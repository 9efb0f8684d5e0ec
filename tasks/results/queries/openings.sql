-- The opening workforce of each simulated year as it is when the year opens: level, pay, FTE and dimensions before the first
-- event of the year, or those of the snapshot for employees without events. `profile` is all that hazards depend on.
with first_events as (
    select
        scenario_id,
        replicate,
        simulation_year,
        employee_id,
        columns('^(.+)_before$') as '\1'
    from fct_workforce_events
    where event_sequence = 1
),

opening as (
    select * exclude (employment_status, birth_date, hire_date, termination_date, prorated_compensation)
    from fct_workforce_snapshot
    where year(hire_date) < simulation_year and simulation_year in (select rates.simulation_year from rates)
),

states as (
    select
        opening.age,
        opening.tenure,
        opening.age_band,
        opening.tenure_band,
        first_events.*
    from opening
    inner join first_events
        on
            opening.scenario_id = first_events.scenario_id
            and opening.replicate = first_events.replicate
            and opening.simulation_year = first_events.simulation_year
            and opening.employee_id = first_events.employee_id
    union all by name
    select opening.*
    from opening
    anti join first_events
        on
            opening.scenario_id = first_events.scenario_id
            and opening.replicate = first_events.replicate
            and opening.simulation_year = first_events.simulation_year
            and opening.employee_id = first_events.employee_id
)

select
    *,
    list_concat(
        [cast(simulation_year as varchar), cast(age as varchar), cast(tenure as varchar), cast(level as varchar)],
        list_value(
            *columns(* exclude (replicate, simulation_year, employee_id, age, tenure, level, salary, fte))
        )
    ) as profile
from states
