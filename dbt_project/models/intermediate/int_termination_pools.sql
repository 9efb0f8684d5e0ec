-- Employees who share one quota of terminations: pool 0 has the company's rate; a segment with a rate of its own is a
-- pool under the number of the segment. Grain: scenario and pool.
with parameters as (
    select * from {{ ref('stg_parameters') }}
),

segments as (
    select * from {{ ref('stg_segments') }}
)

select distinct
    parameters.scenario_id,
    parameters.mode,
    segments.termination_pool,
    coalesce(segments.termination_rate, parameters.total_termination_rate) as termination_rate
from parameters
inner join segments on parameters.scenario_id = segments.scenario_id
