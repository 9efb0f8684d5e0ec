-- Segments and their targets in the year under simulation; growth as in stg_parameters.
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
    {{ growth_in_part_of_year('segments.growth', 'control.target_fraction') }} as growth,
    segments.headcount,
    segments.termination_rate,
    case when segments.termination_rate is null then 0 else segments.segment_number end as termination_pool,
    segments.closes_gap,
    segments.move_id
from segments
inner join control on segments.simulation_year = control.simulation_year
