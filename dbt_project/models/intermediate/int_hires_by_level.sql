-- The year's hires of each path, apportioned over levels by the settings' mix.
with quotas as (
    select * from {{ ref('int_year_quotas') }}
),

levels as (
    select * from {{ ref('stg_levels') }}
),

weighted as (
    select
        quotas.scenario_id,
        quotas.replicate,
        levels.level,
        quotas.hires as seats,
        cast(levels.hire_share * 1000000000000 as bigint) as weight,
        cast(1000000000000 as bigint) as total_weight
    from quotas
    inner join levels on quotas.scenario_id = levels.scenario_id
),

{{ largest_remainder('weighted', 'level') }}
