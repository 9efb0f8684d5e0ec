-- Means over replicates by month; the month of the opening date has an actual and a forecast row.
with paths as (
    select
        scenario_id,
        cast(count(distinct replicate) as double) as replicates
    from fct_year_summary
    group by scenario_id
)

select
    costs.scenario_id,
    costs.month,
    costs.basis,
    sum(costs.headcount) / any_value(paths.replicates) as headcount,
    cast(sum(costs.fte) as double) / any_value(paths.replicates) as fte,
    sum(costs.hires) / any_value(paths.replicates) as hires,
    sum(costs.transfers_in) / any_value(paths.replicates) as transfers_in,
    sum(costs.transfers_out) / any_value(paths.replicates) as transfers_out,
    sum(costs.leavers) / any_value(paths.replicates) as leavers,
    sum(costs.salary_cost) / any_value(paths.replicates) as salary,
    sum(costs.bonus_cost) / any_value(paths.replicates) as bonus,
    sum(costs.benefits_cost) / any_value(paths.replicates) as benefits,
    sum(costs.payroll_tax_cost) / any_value(paths.replicates) as payroll_tax,
    sum(costs.recruiting_cost) / any_value(paths.replicates) as recruiting,
    sum(costs.severance_cost) / any_value(paths.replicates) as severance,
    sum(costs.loaded_cost) / any_value(paths.replicates) as loaded_cost
from months_by_basis as costs
inner join paths on costs.scenario_id = paths.scenario_id
group by costs.scenario_id, costs.month, costs.basis
order by costs.scenario_id, costs.month, costs.basis
