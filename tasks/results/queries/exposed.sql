-- The states at work (`exposed_states`) with their profile: the values on which hazards depend, as a list.
select
    *,
    list_concat(
        [cast(simulation_year as varchar), cast(age as varchar), cast(tenure as varchar), cast(level as varchar)],
        list_value(
            *columns(* exclude (replicate, simulation_year, employee_id, age, tenure, level, salary, fte, state_moment))
        )
    ) as hazard_profile
from exposed_states
