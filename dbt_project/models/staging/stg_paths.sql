-- A path is one replicate of one scenario; draw_key starts the text that its draws are hashed from. Where chance does
-- not vary, all replicates have the draws of replicate 1.
with scenarios as (
    select * from {{ source('inputs', 'scenarios') }}
),

replicates as (
    select * from {{ source('inputs', 'replicates') }}
),

control as (
    select * from {{ ref('stg_control') }}
)

select
    scenarios.scenario_id,
    replicates.replicate,
    {{ parameter_replicate('replicates') }} as parameter_replicate,
    control.simulation_year,
    concat(
        control.random_seed, '|', control.simulation_year, '|',
        case when control.has_own_draws then replicates.replicate else 1 end, '|'
    ) as draw_key
from scenarios
cross join replicates
cross join control
