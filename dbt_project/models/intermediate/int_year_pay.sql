-- Pay of everyone employed in the year before and after each raise, and the position of each event in their year.
-- Merit raises share the budget of their path: merit_budget x eligible payroll is distributed in proportion to
-- pay x weight. Sums over employees are exact (DECIMAL).
-- Longer than 80 lines: each place that a raise can take in the year's order is one step, and all share their inputs.
{{ config(materialized='year_table', tags=['year']) }}

-- Materialised: read twice, for the budget and for pay.
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

-- the steps of int_raise_plan, after merit
with_middle_cola as (
    select
        *,
        case
            when has_cola and not cola_before_merit and cola_before_promotion
                then {{ times_rate('salary_after_merit', '1 + cola_rate') }}
            else salary_after_merit
        end as salary_with_middle_cola
    from merit
),

with_late_promotion as (
    select
        *,
        case
            when has_promotion and not promotion_before_merit
                then greatest({{ times_rate('salary_with_middle_cola', '1 + promotion_raise') }}, promoted_min_salary)
            else salary_with_middle_cola
        end as salary_with_late_promotion
    from with_middle_cola
),

with_last_cola as (
    select
        *,
        case
            when has_cola and not cola_before_merit and not cola_before_promotion
                then {{ times_rate('salary_with_late_promotion', '1 + cola_rate') }}
            else salary_with_late_promotion
        end as salary
    from with_late_promotion
)

select
    * exclude (
        level,
        cola_rate,
        cola_before_merit,
        promoted_min_salary,
        promotion_raise,
        merit_weight,
        salary_with_first_cola,
        salary_with_early_promotion,
        salary_with_middle_cola,
        salary_with_late_promotion
    ),
    case
        when cola_before_merit and cola_before_promotion then opening_salary
        when cola_before_merit then salary_with_early_promotion
        when cola_before_promotion then salary_after_merit
        else salary_with_late_promotion
    end as salary_before_cola,
    case
        when cola_before_merit and cola_before_promotion then salary_with_first_cola
        when cola_before_merit then salary_before_merit
        when cola_before_promotion then salary_with_middle_cola
        else salary
    end as salary_after_cola,
    case
        when promotion_before_merit then salary_with_first_cola
        else salary_with_middle_cola
    end as salary_before_promotion,
    case
        when promotion_before_merit then salary_with_early_promotion
        else salary_with_late_promotion
    end as salary_after_promotion,
    level as opening_level,
    level + cast(has_promotion as integer) as closing_level,
    -- The position of an event is 1 + the number of events before it: the hire and earlier raises.
    1 + cast(is_hire as integer) + cast(has_promotion and not cola_before_promotion as integer)
    + cast(has_merit and not cola_before_merit as integer) as cola_sequence,
    1 + cast(is_hire as integer) + cast(has_cola and cola_before_promotion as integer)
    + cast(has_merit and not promotion_before_merit as integer) as promotion_sequence,
    1 + cast(is_hire as integer) + cast(has_cola and cola_before_merit as integer)
    + cast(has_promotion and promotion_before_merit as integer) as merit_sequence,
    1 + cast(is_hire as integer) + cast(has_cola as integer) + cast(has_promotion as integer)
    + cast(has_merit as integer) as termination_sequence
from with_last_cola
