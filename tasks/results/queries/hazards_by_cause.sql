-- Yearly hazards of each distinct profile of `exposed`: a row per cause of termination, and one each for promotion
-- and transfer, with the factors by which the base is multiplied (profile_values).
-- noqa: disable=RF01,RF02
with profiles as (
    select distinct
        scenario_id,
        simulation_year,
        hazard_profile,
        level,
        age,
        tenure
    from exposed
),

factors_of_profiles as (
    select
        profile_values.hazard_profile,
        factors.rate,
        factors.cause,
        list(
            { 'attribute': factors.attribute, 'value': factors.value, 'factor': factors.factor }
            order by factors.factor_number
        ) as factors
    from profile_values
    inner join factors
        on
            profile_values.scenario_id = factors.scenario_id
            and profile_values.attribute = factors.attribute
            and profile_values.value is not distinct from factors.value
    group by profile_values.hazard_profile, factors.rate, factors.cause
)

select
    profiles.*,
    rates.* exclude (scenario_id, simulation_year),
    coalesce(factors_of_profiles.factors, []) as factors,
    greatest(0.0, 1.0 - rates.level_damping * (profiles.level - 1)) as damping,
    profiles.level <= rates.max_level and profiles.age >= rates.min_age and profiles.tenure >= rates.min_tenure
        as is_eligible,
    case
        when is_eligible
            then least(
                1.0,
                rates.base * coalesce(list_product(list_transform(factors, lambda f: f.factor)), 1.0) * damping
            )
        else 0.0
    end as hazard
from profiles
inner join rates
    on profiles.scenario_id = rates.scenario_id and profiles.simulation_year = rates.simulation_year
left join factors_of_profiles
    on
        profiles.hazard_profile = factors_of_profiles.hazard_profile
        and rates.rate = factors_of_profiles.rate
        and rates.cause is not distinct from factors_of_profiles.cause
