-- The costs of the year beyond salary, and the loaded cost: the sums of the path's months, so that both agree to the
-- cent. Grain: path; zeros without employees.
with months as (
    select
        scenario_id,
        replicate,
        sum(bonus_cost) as bonus_cost,
        sum(benefits_cost) as benefits_cost,
        sum(payroll_tax_cost) as payroll_tax_cost,
        sum(recruiting_cost) as recruiting_cost,
        sum(severance_cost) as severance_cost,
        sum(loaded_cost) as loaded_cost
    from {{ rows_this_year(ref('int_month_summary')) }}
    group by scenario_id, replicate
)

select
    paths.scenario_id,
    paths.replicate,
    cast(coalesce(months.bonus_cost, 0) as decimal(18, 2)) as bonus_cost,
    cast(coalesce(months.benefits_cost, 0) as decimal(18, 2)) as benefits_cost,
    cast(coalesce(months.payroll_tax_cost, 0) as decimal(18, 2)) as payroll_tax_cost,
    cast(coalesce(months.recruiting_cost, 0) as decimal(18, 2)) as recruiting_cost,
    cast(coalesce(months.severance_cost, 0) as decimal(18, 2)) as severance_cost,
    cast(coalesce(months.loaded_cost, 0) as decimal(18, 2)) as loaded_cost
from {{ ref('stg_paths') }} as paths
left join months on paths.scenario_id = months.scenario_id and paths.replicate = months.replicate
