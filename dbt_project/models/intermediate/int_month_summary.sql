-- Headcount, movements and cost by month. Grain: path, month, level and combination of dimensions.
{{ config(materialized='year_append', tags=['year']) }}

with with_bonus as (
    select
        movements.*,
        rates.* exclude (scenario_id, level), -- noqa: RF02
        {{ cost_cents('movements.salary_cents', 'rates.bonus_rate') }} as bonus_cents
    from {{ ref('int_month_movements') }} as movements
    inner join {{ ref('stg_cost_rates') }} as rates
        on movements.scenario_id = rates.scenario_id and movements.level = rates.level
),

loaded as (
    select
        *,
        salary_cents + bonus_cents as taxed_cents,
        {{ cost_cents('salary_cents', 'benefits_rate', 'employee_days', 'benefits_amount', 'days_in_year') }}
            as benefits_cents,
        {{ cost_cents('taxed_cents', 'payroll_tax_rate', 'employee_days', 'payroll_tax_amount', 'days_in_year') }}
            as payroll_tax_cents,
        {{ cost_cents('hired_cents', 'recruiting_rate', 'hires', 'recruiting_amount') }} as recruiting_cents,
        {{ cost_cents('reduced_cents', 'severance_rate', 'reductions', 'severance_amount') }} as severance_cents,
        taxed_cents + benefits_cents + payroll_tax_cents + recruiting_cents + severance_cents as loaded_cents
    from with_bonus
)

select
    scenario_id,
    replicate,
    simulation_year,
    month,
    level,
    combination_id,
    headcount,
    cast(fte as decimal(18, 6)) as fte,
    hires,
    leavers,
    experienced_terminations,
    new_hire_terminations,
    reductions,
    transfers_in,
    transfers_out,
    employee_days,
    cast(salary_cents / 100.0 as decimal(18, 2)) as salary_cost,
    cast(bonus_cents / 100.0 as decimal(18, 2)) as bonus_cost,
    cast(benefits_cents / 100.0 as decimal(18, 2)) as benefits_cost,
    cast(payroll_tax_cents / 100.0 as decimal(18, 2)) as payroll_tax_cost,
    cast(recruiting_cents / 100.0 as decimal(18, 2)) as recruiting_cost,
    cast(severance_cents / 100.0 as decimal(18, 2)) as severance_cost,
    cast(loaded_cents / 100.0 as decimal(18, 2)) as loaded_cost
from loaded
