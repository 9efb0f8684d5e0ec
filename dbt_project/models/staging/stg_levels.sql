-- The levels with their pay in the year under simulation.
with levels as (
    select * from {{ source('inputs', 'levels') }}
),

control as (
    select * from {{ ref('stg_control') }}
)

select
    levels.scenario_id,
    levels.level,
    levels.level_name,
    levels.min_salary,
    levels.max_salary,
    levels.hire_share,
    levels.merit_multiplier,
    max(levels.level) over (partition by levels.scenario_id) as top_level
from levels
inner join control on levels.simulation_year = control.simulation_year
