-- Reductions in force: the next in the race among those who end the year in the segment and do not leave otherwise.
-- Changes of segment and known changes come before. Grain: path and employee.
-- noqa: disable=RF03,LT05,RF02
with quotas as (
    select * from {{ ref('int_year_quotas') }}
    where reductions > 0
),

staying as (
    select
        hazards.draw_key,
        hazards.termination_draw,
        hazards.termination_hazard,
        plan.* exclude (scenario_id, replicate, employee_id, segment, last_segment),
        hazards.scenario_id,
        hazards.replicate,
        hazards.employee_id,
        hazards.segment,
        coalesce(plan.last_segment, hazards.segment) as last_segment
    from {{ ref('int_termination_hazards') }} as hazards
    semi join quotas on hazards.scenario_id = quotas.scenario_id and hazards.replicate = quotas.replicate
    left join {{ ref('int_opening_plan') }} as plan
        on
            hazards.scenario_id = plan.scenario_id
            and hazards.replicate = plan.replicate
            and hazards.employee_id = plan.employee_id
    where plan.termination_date is null
),

ranked as (
    select
        staying.*,
        quotas.reductions,
        row_number() over (
            partition by staying.scenario_id, staying.replicate, staying.last_segment
            order by {{ race_time('staying.termination_draw', 'staying.termination_hazard') }}, staying.employee_id
        ) as reduction_rank
    from staying
    inner join quotas
        on
            staying.scenario_id = quotas.scenario_id
            and staying.replicate = quotas.replicate
            and staying.last_segment = quotas.segment
),

dated as (
    select
        ranked.*,
        control.year_end,
        seasons.termination_months,
        case
            when ranked.last_segment <> ranked.segment or ranked.is_known_promotion {%- for slot in range(1, known_change_slots() + 1) %} or ranked.known_{{ slot }}_date is not null {%- endfor %}
                then
                    least(
                        control.year_end,
                        greatest(
                            control.year_start,
                            ranked.promotion_date + 1
                            {%- if uses('transfer') %},
                            ranked.transfer_date + 1
                            {%- endif %}
                            {%- for slot in range(1, known_change_slots() + 1) %},
                            ranked.known_{{ slot }}_date + 1
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
