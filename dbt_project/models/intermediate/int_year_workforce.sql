-- Everyone employed on any day of the year, with the termination date and reason of those who leave, and the changes
-- that are settled so far. Grain: path and employee.
-- noqa: disable=RF02
with control as (
    select * from {{ ref('stg_control') }}
),

opening as (
    select
        hazards.* exclude (
            simulation_year, parameter_replicate, termination_pool, factor_class, is_sure_to_leave, known_leave_date,
            is_outside_quota, promotion_hazard, promotion_draw
        ),
        plan.* exclude (
            scenario_id, replicate, employee_id, segment, last_segment, last_level, last_combination_id,
            termination_reason, hire_year_hazard, hire_year_draw
        )
        replace (coalesce(plan.termination_date, reductions.reduction_date) as termination_date),
        coalesce(
            plan.termination_reason, case when reductions.reduction_date is not null then 'reduction_in_force' end
        ) as termination_reason,
        -- nothing was compared for a known promotion
        case when plan.is_known_promotion is not true then hazards.promotion_hazard end as promotion_hazard,
        case when plan.is_known_promotion is not true then hazards.promotion_draw end as promotion_draw,
        false as is_hire
    from {{ ref('int_termination_hazards') }} as hazards
    left join {{ ref('int_opening_plan') }} as plan
        on
            hazards.scenario_id = plan.scenario_id
            and hazards.replicate = plan.replicate
            and hazards.employee_id = plan.employee_id
    left join {{ ref('int_reductions') }} as reductions
        on
            hazards.scenario_id = reductions.scenario_id
            and hazards.replicate = reductions.replicate
            and hazards.employee_id = reductions.employee_id
),

hired as (
    select
        hires.*,
        {%- for slot in range(1, known_change_slots() + 1) %}
        {%- for column in ['type', 'date', 'day_order', 'salary', 'full_time_salary', 'fte', 'combination_id'] %}
        known.known_{{ slot }}_{{ column }},
        {%- endfor %}
        coalesce(known.known_{{ slot }}_fte_before, hires.fte) as known_{{ slot }}_fte_before,
        {%- endfor %}
        {{ completed_years('hires.birth_date', 'control.fiscal_year_start') }} as age,
        0 as tenure,
        true as is_hire
    from {{ ref('int_hire_terminations') }} as hires
    cross join control
    {%- if known_change_slots() > 0 %}
    left join {{ ref('int_known_changes') }} as known
        on
            hires.scenario_id = known.scenario_id
            and hires.replicate = known.replicate
            and hires.employee_id = known.employee_id
    {%- endif %}
),

-- a change that hires do not have is null
employed as (
    select * from opening
    union all by name
    select * from hired
)

select
    employed.*,
    control.simulation_year,
    control.year_start,
    control.year_end,
    control.days_in_year
from employed
cross join control
