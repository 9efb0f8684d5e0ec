-- The attributes of each distinct profile of `exposed` as rows: age and tenure as labels of bands, level, dimensions.
with profiles as (
    select distinct * exclude (replicate, employee_id, salary, fte, state_moment)
    from exposed
),

texts as (
    select
        * exclude (age_band, tenure_band)
        replace (age_band as age, tenure_band as tenure, cast(level as varchar) as level)
    from profiles
)

select
    scenario_id,
    simulation_year,
    parameter_replicate,
    hazard_profile,
    attribute,
    value
from texts
unpivot include nulls (
    value for attribute in (columns(* exclude (scenario_id, simulation_year, parameter_replicate, hazard_profile)))
)
