-- Employees who share one quota of terminations: pool 0 has the company's rate; a segment with a rate of its own is a
-- pool under the number of the segment. Both rates vary alike, and hold in the simulated part of the year. Grain: path
-- and pool.
with parameters as (
    select * from {{ ref('int_parameters') }}
),

segments as (
    select * from {{ ref('stg_segments') }}
)

select distinct
    parameters.scenario_id,
    parameters.replicate,
    parameters.mode,
    segments.termination_pool,
    case
        when segments.termination_rate is null then parameters.total_termination_rate
        else {{ in_part_of_year(varied_rate('segments.termination_rate', 'parameters.termination_effect')) }}
    end as termination_rate
from parameters
inner join segments on parameters.scenario_id = segments.scenario_id
cross join {{ ref('stg_control') }} as control
