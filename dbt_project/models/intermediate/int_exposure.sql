-- The opening workforce with its termination and promotion hazards and the draws compared with them.
{{ config(materialized='year_table', tags=['year']) }}

with opening as (
    select * from {{ ref('int_opening_workforce') }}
),

control as (
    select * from {{ ref('stg_control') }}
),

aged as not materialized (
    select
        opening.*,
        {{ completed_years('opening.birth_date', 'control.simulation_year') }} as age,
        {{ completed_years('opening.hire_date', 'control.simulation_year') }} as tenure
    from opening
    cross join control
),

-- Hazards depend on level, age and tenure only, so they are looked up once per distinct combination.
profiles as (
    select distinct
        scenario_id,
        level,
        age,
        tenure
    from aged
),

hazards as (
    select
        profiles.*,
        least(
            1.0,
            cast(parameters.termination_base_hazard as double)
            * age_bands.termination_multiplier
            * tenure_bands.termination_multiplier
        ) as termination_hazard,
        case
            when profiles.level >= levels.top_level then 0.0
            else least(
                1.0,
                cast(parameters.promotion_base_hazard as double)
                * age_bands.promotion_multiplier
                * tenure_bands.promotion_multiplier
                * greatest(0.0, 1.0 - cast(parameters.promotion_level_damping as double) * (profiles.level - 1))
            )
        end as promotion_hazard
    from profiles
    inner join {{ ref('stg_parameters') }} as parameters on profiles.scenario_id = parameters.scenario_id
    inner join {{ ref('stg_levels') }} as levels
        on profiles.scenario_id = levels.scenario_id and profiles.level = levels.level
    inner join {{ ref('stg_age_bands') }} as age_bands
        on profiles.scenario_id = age_bands.scenario_id and {{ in_band('profiles.age', 'age_bands') }}
    inner join {{ ref('stg_tenure_bands') }} as tenure_bands
        on profiles.scenario_id = tenure_bands.scenario_id and {{ in_band('profiles.tenure', 'tenure_bands') }}
)

select
    aged.*,
    hazards.termination_hazard,
    hazards.promotion_hazard,
    {{ draw('termination', 'aged.draw_key', 'aged.employee_id') }} as termination_draw,
    {{ draw('promotion', 'aged.draw_key', 'aged.employee_id') }} as promotion_draw
from aged
inner join hazards
    on
        aged.scenario_id = hazards.scenario_id
        and aged.level = hazards.level
        and aged.age = hazards.age
        and aged.tenure = hazards.tenure
