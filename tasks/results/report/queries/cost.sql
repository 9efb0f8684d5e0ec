-- Means over replicates of the cost of a year, and the cost of one employee who works all of it.
with paths as (
    select scenario_id, count(distinct replicate)::double as replicates
    from fct_year_summary
    group by scenario_id
),

years as (
    select distinct
        simulation_year,
        make_date(simulation_year + 1, 1, 1) - make_date(simulation_year, 1, 1) as days
    from fct_year_summary
)

select
    scenario_id,
    simulation_year,
    sum(salary_cost) / any_value(replicates),
    sum(bonus_cost) / any_value(replicates),
    sum(benefits_cost) / any_value(replicates),
    sum(payroll_tax_cost) / any_value(replicates),
    sum(recruiting_cost) / any_value(replicates),
    sum(severance_cost) / any_value(replicates),
    sum(loaded_cost) / any_value(replicates),
    sum(employee_days) / any_value(days) / any_value(replicates),
    sum(loaded_cost)::double * any_value(days) / nullif(sum(employee_days), 0)
from fct_month_summary
inner join paths using (scenario_id)
inner join years using (simulation_year)
group by scenario_id, simulation_year
order by scenario_id, simulation_year
