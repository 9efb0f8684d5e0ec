-- The states when the year opens of employees with an event that has a hazard.
with exposed as (
    select first_states.*
    from first_states
    semi join fct_workforce_events as events
        on
            first_states.scenario_id = events.scenario_id
            and first_states.replicate = events.replicate
            and first_states.simulation_year = events.simulation_year
            and first_states.employee_id = events.employee_id
            and events.hazard is not null
            and events.simulation_year = $year
    where first_states.state_moment = 'opening' and first_states.simulation_year = $year
)

select
    closing.age,
    closing.tenure,
    closing.age_band,
    closing.tenure_band,
    exposed.*
from exposed
inner join fct_workforce_snapshot as closing
    on
        exposed.scenario_id = closing.scenario_id
        and exposed.replicate = closing.replicate
        and exposed.simulation_year = closing.simulation_year
        and exposed.employee_id = closing.employee_id
        and closing.simulation_year = $year
