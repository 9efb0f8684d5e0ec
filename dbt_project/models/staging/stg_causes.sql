-- Causes of termination and their hazards in the year under simulation.
with causes as (
    select * from {{ source('inputs', 'causes') }}
),

control as (
    select * from {{ ref('stg_control') }}
)

select
    causes.scenario_id,
    causes.cause,
    causes.cause_number,
    causes.base_hazard,
    causes.min_age,
    causes.min_tenure,
    causes.mandatory_age
from causes
inner join control on causes.simulation_year = control.simulation_year
