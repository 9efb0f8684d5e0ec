-- Headcounts and growth of each path and year. A first year of which past lists show what happened before the opening
-- date is judged as a whole fiscal year: from the headcount when it began.
with starts as (
    select
        scenario_id,
        sum(start_headcount) as start_headcount
    from {{ ref('int_actual_counts') }}
    group by scenario_id
),

opened as (
    select
        summary.scenario_id,
        summary.replicate,
        summary.simulation_year,
        summary.hires,
        case
            when summary.simulation_year = control.start_year and starts.start_headcount is not null
                then cast(starts.start_headcount as bigint)
            else summary.opening_headcount
        end as opening_headcount,
        summary.ending_headcount
    from {{ ref('fct_year_summary') }} as summary
    cross join {{ ref('stg_control') }} as control
    left join starts on summary.scenario_id = starts.scenario_id
)

select
    *,
    ending_headcount / nullif(opening_headcount, 0) - 1 as growth_rate
from opened
