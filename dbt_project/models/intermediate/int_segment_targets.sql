-- The headcount at which each segment is to close: given, or R(N (1 + growth)); the segment that closes the gap gets
-- what the others leave of the company's target. If the settings give the hires, there is no target. Grain: path and
-- segment.
with movements as (
    select * from {{ ref('int_segment_movements') }}
),

parameters as (
    select * from {{ ref('stg_parameters') }}
),

drawn as (
    select * from {{ ref('int_parameters') }}
),

named as (
    select
        movements.*,
        parameters.mode,
        parameters.hires as given_hires,
        drawn.new_hire_termination_rate,
        case
            when not movements.closes_gap
                then coalesce(
                    movements.headcount,
                    {{ round_half_up('movements.opening_headcount * (1 + movements.growth)') }}
                )
        end as named_headcount,
        sum(movements.opening_headcount) over path * (1 + parameters.target_growth_rate) as company_target,
        sum(named_headcount) over path as named_total
    from movements
    inner join parameters on movements.scenario_id = parameters.scenario_id
    inner join drawn on movements.scenario_id = drawn.scenario_id and movements.replicate = drawn.replicate
    window path as (partition by movements.scenario_id, movements.replicate)
)

select
    * exclude (named_headcount, company_target, named_total, growth, headcount, closes_gap),
    case
        when given_hires is null
            then cast(
                coalesce(named_headcount, {{ round_half_up('company_target') }} - coalesce(named_total, 0)) as bigint
            )
    end as target_headcount
from named
