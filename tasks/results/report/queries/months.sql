-- Means over replicates by month.
with paths as (
    select scenario_id, count(distinct replicate)::double as replicates
    from fct_year_summary
    group by scenario_id
)

select
    scenario_id,
    month,
    sum(headcount) / any_value(replicates),
    sum(hires) / any_value(replicates),
    sum(leavers) / any_value(replicates),
    sum(salary_cost) / any_value(replicates),
    sum(bonus_cost) / any_value(replicates),
    sum(benefits_cost) / any_value(replicates),
    sum(payroll_tax_cost) / any_value(replicates),
    sum(recruiting_cost) / any_value(replicates),
    sum(severance_cost) / any_value(replicates),
    sum(loaded_cost) / any_value(replicates)
from fct_month_summary
inner join paths using (scenario_id)
group by scenario_id, month
order by scenario_id, month
