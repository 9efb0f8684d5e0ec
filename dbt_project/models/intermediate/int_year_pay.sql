-- The pay of everyone employed in the year, raise by raise, and the place of each event in their year.
-- Merit raises share the budget of their path: merit_budget x eligible payroll is spent in proportion to pay
-- times weight. Sums over employees are exact (DECIMAL).
{{ config(materialized='year_table', tags=['year']) }}

-- Read twice, for the budget and for pay: worked out once.
with plan as materialized (
    select * from {{ ref('int_raise_plan') }}
),

parameters as (
    select * from {{ ref('stg_parameters') }}
),

control as (
    select * from {{ ref('stg_control') }}
),

eligible as (
    select
        scenario_id,
        replicate,
        sum(salary_before_merit) as payroll,
        sum(cast(salary_before_merit as decimal(28, 2)) * merit_weight) as weighted_payroll
    from plan
    where has_merit
    group by scenario_id, replicate
),

budgets as (
    select
        eligible.scenario_id,
        eligible.replicate,
        -- the raise of weight 1, as a share of pay; null if every weight is 0
        cast(parameters.merit_budget as double)
        * cast(eligible.payroll as double)
        / cast(nullif(eligible.weighted_payroll, 0) as double) as raise_per_weight
    from eligible
    inner join parameters on eligible.scenario_id = parameters.scenario_id
),

merit as (
    select
        plan.*,
        control.simulation_year,
        control.year_start,
        control.year_end,
        control.days_in_year,
        plan.hire_date >= control.year_start as is_hire,
        case
            when plan.has_merit
                then
                    cast(
                        plan.salary_before_merit
                        + {{ round_to_cents(
                            'cast(plan.salary_before_merit as double) * plan.merit_weight * coalesce(budgets.raise_per_weight, 0)'
                        ) }}
                        as decimal(14, 2)
                    )
            else plan.salary_before_merit
        end as salary_after_merit
    from plan
    cross join control
    left join budgets on plan.scenario_id = budgets.scenario_id and plan.replicate = budgets.replicate
),

-- the steps of int_raise_plan again, after merit
step_5 as (
    select
        *,
        case
            when has_cola and not cola_before_merit and cola_before_promotion
                then {{ times_rate('salary_after_merit', '1 + cola_rate') }}
            else salary_after_merit
        end as salary_step_5
    from merit
),

step_6 as (
    select
        *,
        case
            when has_promotion and not promotion_before_merit
                then greatest({{ times_rate('salary_step_5', '1 + promotion_raise') }}, promoted_min_salary)
            else salary_step_5
        end as salary_step_6
    from step_5
),

step_7 as (
    select
        *,
        case
            when has_cola and not cola_before_merit and not cola_before_promotion
                then {{ times_rate('salary_step_6', '1 + cola_rate') }}
            else salary_step_6
        end as salary
    from step_6
)

select
    -- what only raises need is left behind
    * exclude (
        level,
        cola_rate,
        cola_before_merit,
        promoted_min_salary,
        promotion_raise,
        merit_weight,
        salary_step_1,
        salary_step_2,
        salary_step_5,
        salary_step_6
    ),
    case
        when cola_before_merit and cola_before_promotion then opening_salary
        when cola_before_merit then salary_step_2
        when cola_before_promotion then salary_after_merit
        else salary_step_6
    end as salary_before_cola,
    case
        when cola_before_merit and cola_before_promotion then salary_step_1
        when cola_before_merit then salary_before_merit
        when cola_before_promotion then salary_step_5
        else salary
    end as salary_after_cola,
    case when promotion_before_merit then salary_step_1 else salary_step_5 end as salary_before_promotion,
    case when promotion_before_merit then salary_step_2 else salary_step_6 end as salary_after_promotion,
    level as opening_level,
    level + cast(has_promotion as integer) as closing_level,
    -- an event comes after the hire and after those raises that come before it
    1 + cast(is_hire as integer) + cast(has_promotion and not cola_before_promotion as integer)
    + cast(has_merit and not cola_before_merit as integer) as cola_sequence,
    1 + cast(is_hire as integer) + cast(has_cola and cola_before_promotion as integer)
    + cast(has_merit and not promotion_before_merit as integer) as promotion_sequence,
    1 + cast(is_hire as integer) + cast(has_cola and cola_before_merit as integer)
    + cast(has_promotion and promotion_before_merit as integer) as merit_sequence,
    1 + cast(is_hire as integer) + cast(has_cola as integer) + cast(has_promotion as integer)
    + cast(has_merit as integer) as termination_sequence
from step_7
