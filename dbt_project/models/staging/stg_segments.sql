-- Segments and their targets in the year under simulation.
with segments as (
    select * from {{ source('inputs', 'segments') }}
),

control as (
    select * from {{ ref('stg_control') }}
)

select
    segments.scenario_id,
    segments.segment,
    segments.segment_number,
    segments.growth,
    segments.headcount,
    segments.termination_rate,
    segments.closes_gap,
    segments.move_id
from segments
inner join control on segments.simulation_year = control.simulation_year
