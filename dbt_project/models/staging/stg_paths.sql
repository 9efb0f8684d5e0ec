-- A path is one replicate of one scenario; draw_key starts the text that its draws are hashed from.
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
    control.simulation_year,
    concat(control.random_seed, '|', control.simulation_year, '|', replicates.replicate, '|') as draw_key
from scenarios
cross join replicates
cross join control
