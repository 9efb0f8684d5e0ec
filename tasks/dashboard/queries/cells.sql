-- What key figures are made of: means over replicates by scenario, year, level and combination of dimensions. Tables
-- ranges (scenario_id, simulation_year, level, midpoint) and fiscal_years are those of the run's settings.
with paths as (
    select
        scenario_id,
        cast(count(distinct replicate) as double) as replicates
    from fct_year_summary
    group by scenario_id
),

months as (
    select
        scenario_id,
        simulation_year,
        level,
        columns(lambda name: list_contains($dimensions, name)), -- noqa: RF05
        sum(hires) as hires,
        sum(leavers) as leavers,
        sum(employee_days) as employee_days,
        sum(salary_cost) as paid,
        sum(bonus_cost) as bonus,
        sum(benefits_cost) as benefits,
        sum(payroll_tax_cost) as payroll_tax,
        sum(recruiting_cost) as recruiting,
        sum(severance_cost) as severance,
        sum(loaded_cost) as loaded_cost
    from fct_month_summary
    group by all
),

closings as (
    select
        scenario_id,
        simulation_year,
        level,
        columns(lambda name: list_contains($dimensions, name)), -- noqa: RF05
        count(*) as headcount,
        sum(salary) as payroll,
        sum(salary / fte) as full_time_pay
    from fct_workforce_snapshot
    where employment_status = 'active' and simulation_year in (select fiscal_years.simulation_year from fiscal_years)
    group by all
),

cells as (
    from months
    union all by name
    from closings
)

select
    cells.scenario_id,
    cells.simulation_year,
    cells.level,
    columns(lambda name: list_contains($dimensions, name)), -- noqa: RF02,RF05
    cast(coalesce(sum(cells.headcount), 0) as double) / any_value(paths.replicates) as headcount,
    cast(coalesce(sum(cells.employee_days), 0) as double)
    / any_value(fiscal_years.days) / any_value(paths.replicates) as person_years,
    cast(coalesce(sum(cells.hires), 0) as double) / any_value(paths.replicates) as hires,
    cast(coalesce(sum(cells.leavers), 0) as double) / any_value(paths.replicates) as leavers,
    cast(coalesce(sum(cells.payroll), 0) as double) / any_value(paths.replicates) as payroll,
    coalesce(sum(cells.full_time_pay), 0)
    / any_value(ranges.midpoint) / any_value(paths.replicates) as range_midpoints,
    cast(coalesce(sum(cells.paid), 0) as double) / any_value(paths.replicates) as paid,
    cast(coalesce(sum(cells.bonus), 0) as double) / any_value(paths.replicates) as bonus,
    cast(coalesce(sum(cells.benefits), 0) as double) / any_value(paths.replicates) as benefits,
    cast(coalesce(sum(cells.payroll_tax), 0) as double) / any_value(paths.replicates) as payroll_tax,
    cast(coalesce(sum(cells.recruiting), 0) as double) / any_value(paths.replicates) as recruiting,
    cast(coalesce(sum(cells.severance), 0) as double) / any_value(paths.replicates) as severance,
    cast(coalesce(sum(cells.loaded_cost), 0) as double) / any_value(paths.replicates) as loaded_cost
from cells
inner join paths on cells.scenario_id = paths.scenario_id
inner join fiscal_years on cells.simulation_year = fiscal_years.simulation_year
left join ranges
    on
        cells.scenario_id = ranges.scenario_id
        and cells.simulation_year = ranges.simulation_year
        and cells.level = ranges.level
group by all
