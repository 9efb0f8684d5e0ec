-- The states at work (`exposed_states`) with their profile: the values on which hazards depend, as a list. If
-- replicates drew parameters of their own (`drawn`), the replicate is one of them; else it is 0.
-- noqa: disable=RF02
with drawing as (
    select count(*) > 0 as is_uncertain
    from drawn
),

states as (
    select
        exposed_states.*,
        case when drawing.is_uncertain then exposed_states.replicate else 0 end as parameter_replicate
    from exposed_states
    cross join drawing
)

select
    *,
    list_concat(
        [
            cast(parameter_replicate as varchar), cast(simulation_year as varchar), cast(age as varchar),
            cast(tenure as varchar), cast(level as varchar)
        ],
        list_value(
            *columns(* exclude (
                replicate, parameter_replicate, simulation_year, employee_id, age, tenure, level, salary, fte,
                state_moment
            ))
        )
    ) as hazard_profile
from states
