-- Every scenario has, for every simulated year, parameters and levels numbered from 1 without a gap;
-- bands of age and of tenure; ages of hires; and dates for each type of raise.
with scenarios as (
    select scenario_id from {{ source('inputs', 'scenarios') }}
),

scenario_years as (
    select distinct
        scenario_id,
        simulation_year
    from {{ source('inputs', 'yearly_parameters') }}
),

levels as (
    select
        scenario_id,
        simulation_year,
        count(*) as level_count,
        max(level) as top_level
    from {{ source('inputs', 'levels') }}
    group by scenario_id, simulation_year
),

found as (
    select
        scenarios.scenario_id,
        (
            select count(*) from scenario_years
            where scenario_years.scenario_id = scenarios.scenario_id
        ) as years,
        (
            select count(*) from levels
            where levels.scenario_id = scenarios.scenario_id and levels.level_count = levels.top_level
        ) as years_with_levels,
        (
            select count(distinct bands.attribute) from {{ source('inputs', 'bands') }} as bands
            where bands.scenario_id = scenarios.scenario_id
        ) as banded_attributes,
        (
            select count(distinct dates.raise_type) from {{ source('inputs', 'effective_dates') }} as dates
            where dates.scenario_id = scenarios.scenario_id
        ) as dated_raises,
        (
            select count(*) from {{ source('inputs', 'hire_ages') }} as ages
            where ages.scenario_id = scenarios.scenario_id
        ) as hire_ages
    from scenarios
)

select *
from found
where
    years = 0
    or years_with_levels != years
    or banded_attributes != 2
    or dated_raises != 3
    or hire_ages = 0
