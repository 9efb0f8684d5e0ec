-- Employees who share one quota of terminations: pool 0 has the company's rate; a segment with a rate of its own is a
-- pool under the number of the segment. Both rates vary alike, and hold in the simulated part of the year. If past
-- lists show what happened before, the pool also has the terminations of the whole year, by its headcount when the year
-- began, and those who have left since. Grain: path and pool.
with control as (
    select * from {{ ref('stg_control') }}
),

parameters as (
    select * from {{ ref('int_parameters') }}
),

segments as (
    select
        segments.*,
        counts.start_headcount,
        counts.experienced_terminations
    from {{ ref('stg_segments') }} as segments
    left join {{ ref('int_actual_counts') }} as counts
        on segments.scenario_id = counts.scenario_id and segments.segment = counts.segment
),

pools as (
    select
        scenario_id,
        termination_pool,
        any_value(termination_rate) as own_rate,
        cast(coalesce(sum(start_headcount), 0) as bigint) as start_headcount,
        cast(coalesce(sum(experienced_terminations), 0) as bigint) as past_terminations
    from segments
    group by scenario_id, termination_pool
),

rated as (
    select
        parameters.scenario_id,
        parameters.replicate,
        parameters.mode,
        pools.termination_pool,
        pools.start_headcount,
        pools.past_terminations,
        case
            when pools.own_rate is null then parameters.total_termination_rate
            else {{ in_part_of_year(varied_rate('pools.own_rate', 'parameters.termination_effect')) }}
        end as termination_rate,
        case
            when pools.own_rate is null then parameters.yearly_termination_rate
            else {{ varied_rate('pools.own_rate', 'parameters.termination_effect') }}
        end as yearly_rate
    from parameters
    inner join pools on parameters.scenario_id = pools.scenario_id
    cross join control
)

select
    rated.scenario_id,
    rated.replicate,
    rated.mode,
    rated.termination_pool,
    rated.termination_rate,
    -- the year's turnover, not rounded, and what of it has happened; null where the past is not known
    case when control.has_actuals then rated.start_headcount * rated.yearly_rate end as yearly_terminations,
    case when control.has_actuals then rated.past_terminations end as past_terminations
from rated
cross join control
