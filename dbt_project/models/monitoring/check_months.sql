-- The months of the year under simulation add up to the year summary: one row, how many paths violate it.
with summary as (
    select * from {{ rows_this_year(ref('fct_year_summary')) }}
),

months as (
    select
        scenario_id,
        replicate,
        sum(hires) as hires,
        sum(leavers) as leavers,
        sum(headcount) filter (where month = {{ last_month() }}) as ending_headcount,
        sum(salary_cost) as salary_cost,
        sum(bonus_cost) as bonus_cost,
        sum(benefits_cost) as benefits_cost,
        sum(payroll_tax_cost) as payroll_tax_cost,
        sum(recruiting_cost) as recruiting_cost,
        sum(severance_cost) as severance_cost,
        sum(loaded_cost) as loaded_cost
    from {{ rows_this_year(ref('int_month_summary')) }}
    group by scenario_id, replicate
),

compared as (
    select
        summary.scenario_id,
        summary.replicate,
        concat(
            'months have ', coalesce(months.hires, 0), ' hires, ', coalesce(months.leavers, 0), ' leavers, ',
            coalesce(months.ending_headcount, 0), ' in the last month, pay ', coalesce(months.salary_cost, 0),
            ', loaded cost ', coalesce(months.loaded_cost, 0), '; the year ', summary.hires, ', ',
            summary.experienced_terminations + summary.new_hire_terminations + summary.reductions, ', ',
            summary.ending_headcount, ', ', summary.prorated_payroll, ', ', summary.loaded_cost
        ) as found,
        summary.hires = coalesce(months.hires, 0)
        and summary.experienced_terminations + summary.new_hire_terminations + summary.reductions
        = coalesce(months.leavers, 0)
        and summary.ending_headcount = coalesce(months.ending_headcount, 0)
        and summary.prorated_payroll = coalesce(months.salary_cost, 0)
        and summary.bonus_cost = coalesce(months.bonus_cost, 0)
        and summary.benefits_cost = coalesce(months.benefits_cost, 0)
        and summary.payroll_tax_cost = coalesce(months.payroll_tax_cost, 0)
        and summary.recruiting_cost = coalesce(months.recruiting_cost, 0)
        and summary.severance_cost = coalesce(months.severance_cost, 0)
        and summary.loaded_cost = coalesce(months.loaded_cost, 0) as adds_up
    from summary
    left join months on summary.scenario_id = months.scenario_id and summary.replicate = months.replicate
)

{{ check_rows('compared', [
    ('months_add_up', 'adds_up', 'hires, leavers, pay and cost of the months as of the year, the last month ending as the year', 'found')
]) }}
