-- The year's costs by level and by each dimension, as rows of breakdown and item. Cost follows the day: a month's days
-- before a promotion or transfer count with the old level or place.
with months as (
    select
        scenario_id,
        replicate,
        simulation_year,
        salary_cost,
        bonus_cost,
        benefits_cost,
        payroll_tax_cost,
        recruiting_cost,
        severance_cost,
        loaded_cost,
        -- level and dimensions, and columns of other versions, which are no breakdowns of `items`
        columns(lambda name: name not in (
            'scenario_id',
            'replicate',
            'simulation_year',
            'month',
            'headcount',
            'fte',
            'hires',
            'leavers',
            'experienced_terminations',
            'new_hire_terminations',
            'reductions',
            'transfers_in',
            'transfers_out',
            'employee_days',
            'salary_cost',
            'bonus_cost',
            'benefits_cost',
            'payroll_tax_cost',
            'recruiting_cost',
            'severance_cost',
            'loaded_cost'
        ))::varchar
    from fct_month_summary
)

select
    scenario_id,
    replicate,
    simulation_year,
    breakdown,
    coalesce(item, '(none)') as item,
    sum(salary_cost)::double as paid,
    sum(bonus_cost)::double as bonus,
    sum(benefits_cost)::double as benefits,
    sum(payroll_tax_cost)::double as payroll_tax,
    sum(recruiting_cost)::double as recruiting,
    sum(severance_cost)::double as severance,
    sum(loaded_cost)::double as loaded_cost
from months
unpivot include nulls (
    item for breakdown in (columns(* exclude (
        scenario_id,
        replicate,
        simulation_year,
        salary_cost,
        bonus_cost,
        benefits_cost,
        payroll_tax_cost,
        recruiting_cost,
        severance_cost,
        loaded_cost
    )))
)
group by scenario_id, replicate, simulation_year, breakdown, item
