-- What hazards depend on, at three moments: of the opening workforce of each year when it opens (`opening`) and at
-- its end (`closing`), and of the year's hires on their first day (`hire`). Level, pay, FTE and dimensions are
-- those before the first event of the year (of hires: after it), or those of the snapshot for employees without
-- events, so that the rows of one year suffice.
with closing as (
    select
        * exclude (employment_status, birth_date, hire_date, termination_date, prorated_compensation),
        'closing' as state_moment
    from fct_workforce_snapshot
    where simulation_year in (select rates.simulation_year from rates)
),

every as (
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

select * from every
