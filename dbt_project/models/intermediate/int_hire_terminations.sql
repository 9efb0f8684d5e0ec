-- The year's hires, with the last day of those who leave again within it: known leavers; in mode `exact` others up to
-- the quota of their segment, in the order of -ln(1 - u) / days from hire to the year's end, else each by its draw.
-- noqa: disable=RF03
with control as (
    select * from {{ ref('stg_control') }}
),

drawn as (
    select
        hires.*,
        control.year_end,
        {{ draw('new_hire_termination', 'hires.draw_key', 'hires.employee_id') }} as termination_draw
    from {{ ref('int_hires') }} as hires
    cross join control
),

ranked as (
    select
        *,
        row_number() over (
            partition by scenario_id, replicate, segment
            order by
                known_leave_date is null,
                -ln(1 - termination_draw) / nullif(year_end - hire_date, 0) nulls last, employee_id
        ) as leaving_rank
    from drawn
),

leaving as (
    select
        ranked.*,
        cast(parameters.new_hire_termination_rate as double) as termination_hazard,
        case
            when ranked.known_leave_date is not null then 'new_hire'
            when parameters.mode = 'exact' and ranked.leaving_rank <= quotas.new_hire_terminations then 'new_hire'
            when parameters.mode <> 'exact' and ranked.termination_draw < termination_hazard then 'new_hire'
        end as termination_reason,
        -- after the hire date, so that no other event falls on the last day
        least(ranked.hire_date + 1, ranked.year_end) as earliest_last_day,
        seasons.termination_months
    from ranked
    inner join {{ ref('int_parameters') }} as parameters
        on ranked.scenario_id = parameters.scenario_id and ranked.replicate = parameters.replicate
    inner join {{ ref('int_year_quotas') }} as quotas
        on
            ranked.scenario_id = quotas.scenario_id
            and ranked.replicate = quotas.replicate
            and ranked.segment = quotas.segment
    left join {{ ref('stg_seasons') }} as seasons on ranked.scenario_id = seasons.scenario_id
)

select
    * exclude (year_end, leaving_rank, earliest_last_day, termination_months, known_leave_date),
    known_leave_date is not null as is_known_leaver,
    case
        when known_leave_date is not null then known_leave_date
        when termination_reason is not null
            then {{ day_in_season('earliest_last_day', 'year_end', draw('termination_date'), 'termination_months') }}
    end as termination_date
from leaving
