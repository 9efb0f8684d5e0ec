-- What hazards depend on, at three moments: of the opening workforce of each year when it opens (`opening`) and at its end
-- (`closing`), and of the year's hires on their first day (`hire`). Level, pay, FTE and dimensions are those before the first
-- event of the year (of hires: after it), or those of the snapshot for employees without events, so that the rows of one
-- year suffice. `hazard_profile` holds the values of one row as a list.
with first_before as (
    select
        scenario_id,
        replicate,
        simulation_year,
        employee_id,
        columns('^(.+)_before$') as '\1'
    from fct_workforce_events
    where event_sequence = 1 and event_type <> 'hire'
),

first_after as (
    select
        scenario_id,
        replicate,
        simulation_year,
        employee_id,
        columns('^(.+)_after$') as '\1'
    from fct_workforce_events
    where event_sequence = 1 and event_type = 'hire'
),

first_states as (
    select
        *,
        'opening' as state_moment
    from first_before
    union all by name
    select
        *,
        'hire' as state_moment
    from first_after
),

closing as (
    select
        * exclude (employment_status, birth_date, hire_date, termination_date, prorated_compensation),
        'closing' as state_moment
    from fct_workforce_snapshot
    where simulation_year in (select rates.simulation_year from rates)
),

states as (
    select * from closing
    union all by name
    select
        closing.age,
        closing.tenure,
        closing.age_band,
        closing.tenure_band,
        first_states.*
    from closing
    inner join first_states
        on
            closing.scenario_id = first_states.scenario_id
            and closing.replicate = first_states.replicate
            and closing.simulation_year = first_states.simulation_year
            and closing.employee_id = first_states.employee_id
    union all by name
    select closing.* replace ('opening' as state_moment)
    from closing
    anti join first_states
        on
            closing.scenario_id = first_states.scenario_id
            and closing.replicate = first_states.replicate
            and closing.simulation_year = first_states.simulation_year
            and closing.employee_id = first_states.employee_id
)

select
    *,
    list_concat(
        [cast(simulation_year as varchar), cast(age as varchar), cast(tenure as varchar), cast(level as varchar)],
        list_value(
            *columns(* exclude (replicate, simulation_year, employee_id, age, tenure, level, salary, fte, state_moment))
        )
    ) as hazard_profile
from states
