-- Everyone employed on any day of the year, with the termination date and reason of those who leave, and the changes that
-- are settled so far. Grain: path and employee.
with control as (
    select * from {{ ref('stg_control') }}
),

opening as (
    select
        plan.* exclude (simulation_year, is_reached_by_promotion) replace (
            coalesce(plan.termination_date, reductions.reduction_date) as termination_date,
            case
                when reductions.reduction_date is not null then 'reduction_in_force' else plan.termination_reason
            end as termination_reason
        ),
        false as is_hire
    from {{ ref('int_opening_plan') }} as plan
    left join {{ ref('int_reductions') }} as reductions
        on
            plan.scenario_id = reductions.scenario_id
            and plan.replicate = reductions.replicate
            and plan.employee_id = reductions.employee_id
),

hired as (
    select
        hires.*,
        {{ completed_years('hires.birth_date', 'control.simulation_year') }} as age,
        0 as tenure,
        true as is_hire
    from {{ ref('int_hire_terminations') }} as hires
    cross join control
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
