-- Means over replicates of the cost of a year, and of the cost of a person-year.
with paths as (
    select
        scenario_id,
        cast(count(distinct replicate) as double) as replicates
    from fct_year_summary
    group by scenario_id
),

costs as (
    select
        months.*,
        fiscal_years.days as days_in_year
    from fct_month_summary as months
    inner join fiscal_years on months.simulation_year = fiscal_years.simulation_year
)

select
    costs.scenario_id,
    costs.simulation_year,
    sum(costs.salary_cost) / any_value(paths.replicates) as salary,
    sum(costs.bonus_cost) / any_value(paths.replicates) as bonus,
    sum(costs.benefits_cost) / any_value(paths.replicates) as benefits,
    sum(costs.payroll_tax_cost) / any_value(paths.replicates) as payroll_tax,
    sum(costs.recruiting_cost) / any_value(paths.replicates) as recruiting,
    sum(costs.severance_cost) / any_value(paths.replicates) as severance,
    sum(costs.loaded_cost) / any_value(paths.replicates) as loaded_cost,
    sum(costs.employee_days) / any_value(costs.days_in_year) / any_value(paths.replicates) as person_years,
    cast(sum(costs.loaded_cost) as double) * any_value(costs.days_in_year) / nullif(sum(costs.employee_days), 0)
        as loaded_cost_per_person_year
from costs
inner join paths on costs.scenario_id = paths.scenario_id
group by costs.scenario_id, costs.simulation_year
order by costs.scenario_id, costs.simulation_year
