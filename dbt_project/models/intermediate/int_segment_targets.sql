-- The headcount at which each segment is to close: given, or R(N (1 + growth)), with N when the year opens, or when the
-- fiscal year began if past lists show it; the segment that closes the gap gets what the others leave of the company's
-- target. If the settings give the hires, less those of before the opening date, there is no target. Grain: path and
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
        case when control.has_actuals then coalesce(counts.start_headcount, 0) else movements.opening_headcount end
            as base_headcount,
        case
            when parameters.hires is not null
                then cast(greatest(0, parameters.hires - coalesce(sum(counts.hires) over path, 0)) as bigint)
        end as given_hires,
        drawn.new_hire_termination_rate,
        case
            when not movements.closes_gap
                then coalesce(
                    movements.headcount,
                    {{ round_half_up('base_headcount * (1 + movements.growth)') }}
                )
        end as named_headcount,
        sum(base_headcount) over path * (1 + parameters.target_growth_rate) as company_target,
        sum(named_headcount) over path as named_total
    from movements
    cross join {{ ref('stg_control') }} as control
    left join {{ ref('int_actual_counts') }} as counts
        on
            control.has_actuals
            and movements.scenario_id = counts.scenario_id
            and movements.segment = counts.segment
    inner join parameters on movements.scenario_id = parameters.scenario_id
    inner join drawn on movements.scenario_id = drawn.scenario_id and movements.replicate = drawn.replicate
    window path as (partition by movements.scenario_id, movements.replicate)
)

select
    * exclude (base_headcount, named_headcount, company_target, named_total, growth, headcount, closes_gap),
    case
        when given_hires is null
            then cast(
                coalesce(named_headcount, {{ round_half_up('company_target') }} - coalesce(named_total, 0)) as bigint
            )
    end as target_headcount
from named
