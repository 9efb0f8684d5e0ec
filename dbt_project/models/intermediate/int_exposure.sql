-- The opening workforce with the hazards it is exposed to and its draws against them.
{{ config(materialized='year_table', tags=['year']) }}

with opening as (
    select * from {{ ref('int_opening_workforce') }}
),

control as (
    select * from {{ ref('stg_control') }}
),

parameters as (
    select * from {{ ref('stg_parameters') }}
),

levels as (
    select * from {{ ref('stg_levels') }}
),

age_bands as (
    select * from {{ ref('stg_age_bands') }}
),

tenure_bands as (
    select * from {{ ref('stg_tenure_bands') }}
),

aged as not materialized (
    select
        opening.*,
        {{ completed_years('opening.birth_date', 'control.simulation_year') }} as age,
        {{ completed_years('opening.hire_date', 'control.simulation_year') }} as tenure
    from opening
    cross join control
),

-- hazards depend on level, age and tenure alone: looked up once for all employees who share them
alike as (
    select distinct
        scenario_id,
        level,
        age,
        tenure
    from aged
),

hazards as (
    select
        alike.*,
        least(
            1.0,
            cast(parameters.termination_base_hazard as double)
            * age_bands.termination_multiplier
            * tenure_bands.termination_multiplier
        ) as termination_hazard,
        case
            when alike.level >= levels.top_level then 0.0
            else least(
                1.0,
                cast(parameters.promotion_base_hazard as double)
                * age_bands.promotion_multiplier
                * tenure_bands.promotion_multiplier
                * greatest(0.0, 1.0 - cast(parameters.promotion_level_damping as double) * (alike.level - 1))
            )
        end as promotion_hazard
    from alike
    inner join parameters on alike.scenario_id = parameters.scenario_id
    inner join levels on alike.scenario_id = levels.scenario_id and alike.level = levels.level
    inner join age_bands on alike.scenario_id = age_bands.scenario_id and {{ in_band('alike.age', 'age_bands') }}
    inner join tenure_bands
        on alike.scenario_id = tenure_bands.scenario_id and {{ in_band('alike.tenure', 'tenure_bands') }}
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
