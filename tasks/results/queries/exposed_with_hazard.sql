-- The states when the year opens of employees with an event that has a hazard.
select states.*
from states
semi join fct_workforce_events as events
    on
        states.scenario_id = events.scenario_id
        and states.replicate = events.replicate
        and states.simulation_year = events.simulation_year
        and states.employee_id = events.employee_id
        and events.hazard is not null
where states.state_moment = 'opening'
