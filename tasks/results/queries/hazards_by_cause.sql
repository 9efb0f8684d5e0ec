-- Hazards of each distinct profile of `exposed` in the simulated part of the year: a row per cause of termination, and
-- one each for promotion and transfer, with the factors by which the base is multiplied (profile_values), as drawn. In
-- a stub year the yearly probability q of a termination or transfer is 1 - (1 - q)^f; promotions have dates, which thin
-- them.
-- noqa: disable=RF01,RF02
with profiles as (
    select distinct
        scenario_id,
        simulation_year,
        parameter_replicate,
        hazard_profile,
        level,
        age,
        tenure
    from exposed
),

-- the deviation of a base and the effect of the year, which all causes of termination have
effects as (
    select
        drawn.replicate,
        drawn.simulation_year,
        rates.scenario_id,
        rates.rate,
        rates.cause,
        sum(drawn.log_effect) as log_effect
    from drawn
    inner join rates
        on
            drawn.simulation_year = rates.simulation_year
            and drawn.rate = rates.rate
            and (drawn.source = 'years' or drawn.cause is not distinct from rates.cause)
    where drawn.attribute is null
    group by drawn.replicate, drawn.simulation_year, rates.scenario_id, rates.rate, rates.cause
),

paths as (
    select distinct
        scenario_id,
        simulation_year,
        parameter_replicate
    from profiles
),

bases as (
    select
        paths.parameter_replicate,
        rates.* exclude (base),
        rates.base * exp(coalesce(effects.log_effect, 0)) as base
    from paths
    inner join rates
        on paths.scenario_id = rates.scenario_id and paths.simulation_year = rates.simulation_year
    left join effects
        on
            paths.parameter_replicate = effects.replicate
            and rates.simulation_year = effects.simulation_year
            and rates.scenario_id = effects.scenario_id
            and rates.rate = effects.rate
            and rates.cause is not distinct from effects.cause
),

factors_of_profiles as (
    select
        profile_values.hazard_profile,
        factors.rate,
        factors.cause,
        list(
            {
                'attribute': factors.attribute,
                'value': factors.value,
                'factor': factors.factor * exp(coalesce(drawn.log_effect, 0))
            }
            order by factors.factor_number
        ) as factors
    from profile_values
    inner join factors
        on
            profile_values.scenario_id = factors.scenario_id
            and profile_values.attribute = factors.attribute
            and profile_values.value is not distinct from factors.value
    left join drawn
        on
            profile_values.parameter_replicate = drawn.replicate
            and profile_values.simulation_year = drawn.simulation_year
            and factors.rate = drawn.rate
            and factors.cause is not distinct from drawn.cause
            and factors.attribute = drawn.attribute
            and factors.value is not distinct from drawn.value
    group by profile_values.hazard_profile, factors.rate, factors.cause
)

select
    profiles.*,
    bases.* exclude (scenario_id, simulation_year, parameter_replicate),
    coalesce(factors_of_profiles.factors, []) as factors,
    greatest(0.0, 1.0 - bases.level_damping * (profiles.level - 1)) as damping,
    profiles.level <= bases.max_level and profiles.age >= bases.min_age and profiles.tenure >= bases.min_tenure
        as is_eligible,
    case
        when is_eligible
            then least(
                1.0,
                bases.base * coalesce(list_product(list_transform(factors, lambda f: f.factor)), 1.0) * damping
            )
        else 0.0
    end as yearly_hazard,
    case when bases.rate = 'promotion' then 1.0 else fiscal_years.fraction end as year_part,
    -- not only shorter: of a whole year, not a digit may change
    case when year_part = 1 then yearly_hazard else 1 - pow(1 - yearly_hazard, year_part) end as hazard
from profiles
inner join fiscal_years on profiles.simulation_year = fiscal_years.simulation_year
inner join bases
    on
        profiles.scenario_id = bases.scenario_id
        and profiles.simulation_year = bases.simulation_year
        and profiles.parameter_replicate = bases.parameter_replicate
left join factors_of_profiles
    on
        profiles.hazard_profile = factors_of_profiles.hazard_profile
        and bases.rate = factors_of_profiles.rate
        and bases.cause is not distinct from factors_of_profiles.cause
