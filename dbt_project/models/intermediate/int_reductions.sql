-- Reductions in force: the next in the race among those who end the year in the segment and do not leave otherwise. Who
-- changes segment in the year leaves after that. Grain: path and employee.
with quotas as (
    select * from {{ ref('int_year_quotas') }}
    where reductions > 0
),

ranked as (
    select
        plan.*,
        quotas.reductions,
        row_number() over (
            partition by plan.scenario_id, plan.replicate, plan.last_segment
            order by {{ race_time('plan.termination_draw', 'plan.termination_hazard') }}, plan.employee_id
        ) as reduction_rank
    from {{ ref('int_opening_plan') }} as plan
    inner join quotas
        on
            plan.scenario_id = quotas.scenario_id
            and plan.replicate = quotas.replicate
            and plan.last_segment = quotas.segment
    where plan.termination_date is null
),

dated as (
    select
        ranked.*,
        control.year_end,
        seasons.termination_months,
        case
            when ranked.last_segment <> ranked.segment {%- if known_change_slots() > 0 %} or ranked.known_1_date is not null {%- endif %}
                then
                    least(
                        control.year_end,
                        greatest(
                            control.year_start,
                            coalesce(ranked.promotion_date, control.year_start - 1) + 1
                            {%- if uses('transfer') %},
                            coalesce(ranked.transfer_date, control.year_start - 1) + 1
                            {%- endif %}
                            {%- for slot in range(1, known_change_slots() + 1) %},
                            coalesce(ranked.known_{{ slot }}_date, control.year_start - 1) + 1
                            {%- endfor %}
                        )
                    )
            else control.year_start
        end as first_day
    from ranked
    cross join {{ ref('stg_control') }} as control
    left join {{ ref('stg_seasons') }} as seasons on ranked.scenario_id = seasons.scenario_id
    where ranked.reduction_rank <= ranked.reductions
)

select
    scenario_id,
    replicate,
    employee_id,
    {{ day_in_season('first_day', 'year_end', draw('termination_date'), 'termination_months') }} as reduction_date
from dated
