-- Everyone employed in the year with the place of each change in their year, and pay before the first (`salary_0`) and
-- after each (`salary_1`, …). Grain: path and employee.
-- Merit raises share the budget of their path: merit_budget x eligible payroll is distributed in proportion to
-- pay x weight. Sums over employees are exact (DECIMAL).
{{ config(materialized='year_table', database='work', tags=['year']) }}

{%- set steps = range(1, change_slots() + 1) %}
-- Materialised: read twice, for the budget and for pay.
with changes as materialized (
    select * from {{ ref('int_year_changes') }}
),

{{ fold_pay('changes', 'before_merit', stop='merit') }},

eligible as (
    select
        scenario_id,
        replicate,
        sum(salary_{{ change_slots() }}) as payroll,
        sum(cast(salary_{{ change_slots() }} as decimal(28, 2)) * merit_weight) as weighted_payroll
    from before_merit_{{ change_slots() }}
    where merit_date is not null
    group by scenario_id, replicate
),

budgeted as (
    select
        changes.*,
        -- the raise of weight 1, as a share of pay; null if every weight is 0
        cast(parameters.merit_budget as double)
        * cast(eligible.payroll as double)
        / cast(nullif(eligible.weighted_payroll, 0) as double) as raise_per_weight
    from changes
    inner join {{ ref('int_parameters') }} as parameters
        on changes.scenario_id = parameters.scenario_id and changes.replicate = parameters.replicate
    left join eligible on changes.scenario_id = eligible.scenario_id and changes.replicate = eligible.replicate
),

{{ fold_pay('budgeted', 'step') }}

select
    scenario_id,
    replicate,
    simulation_year,
    employee_id,
    draw_key,
    birth_date,
    hire_date,
    age,
    tenure,
    is_hire,
    segment,
    termination_hazard,
    termination_draw,
    termination_reason,
    termination_date,
    is_known_leaver,
    known_cause,
    promotion_hazard,
    promotion_draw,
    transfer_hazard,
    transfer_draw,
    year_start,
    year_end,
    days_in_year,
    {{ columns_of_changes() }}
    {{ changes_made() }} as change_count,
    {{ change_without_effect() }} as idle_step,
    {%- for state in ['level', 'fte', 'combination_id'] %}
    opening_{{ state }},
    {{ state_after(state, change_slots()) }} as closing_{{ state }},
    {%- endfor %}
    salary_0,
    {%- for step in steps %}
    case when change_count >= {{ step }} then salary_{{ step }} end as salary_{{ step }},
    {%- endfor %}
    salary_{{ change_slots() }} as closing_salary
from step_{{ change_slots() }}
