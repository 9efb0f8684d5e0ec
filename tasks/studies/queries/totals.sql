-- The year summary as a breakdown of one item. Costs are null where the summary lacks them: results of an earlier
-- version of the program, and simulations in memory without cost.
with summary as (
    from fct_year_summary
    union all by name
    select
        null::decimal(18, 2) as bonus_cost,
        null::decimal(18, 2) as benefits_cost,
        null::decimal(18, 2) as payroll_tax_cost,
        null::decimal(18, 2) as recruiting_cost,
        null::decimal(18, 2) as severance_cost,
        null::decimal(18, 2) as loaded_cost
    where false
)

select
    scenario_id,
    replicate,
    simulation_year,
    'total' as breakdown,
    null::varchar as item,
    null::varchar as rest_of,
    opening_headcount,
    ending_headcount as headcount,
    hires,
    experienced_terminations + new_hire_terminations + reductions as leavers,
    ending_payroll::double as payroll,
    promotions,
    prorated_payroll::double as paid,
    bonus_cost::double as bonus,
    benefits_cost::double as benefits,
    payroll_tax_cost::double as payroll_tax,
    recruiting_cost::double as recruiting,
    severance_cost::double as severance,
    loaded_cost::double as loaded_cost,
    ending_fte::double as fte
from summary
