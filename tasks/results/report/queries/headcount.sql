-- Means over replicates of opening and closing headcount and the movements between them.
with averages as (
    select
        months.scenario_id,
        months.simulation_year,
        sum(months.employee_days) / any_value(fiscal_years.simulated_days) as headcount
    from fct_month_summary as months
    inner join fiscal_years on months.simulation_year = fiscal_years.simulation_year
    group by months.scenario_id, months.simulation_year
),

years as (
    select
        scenario_id,
        simulation_year,
        count(*) as replicates,
        avg(opening_headcount) as opening,
        avg(hires) as hires,
        avg(experienced_terminations) as experienced_leavers,
        avg(new_hire_terminations) as new_hire_leavers,
        avg(reductions) as reductions,
        avg(ending_headcount) as closing,
        avg(growth_rate) as growth,
        avg(experienced_terminations) / nullif(avg(opening_headcount), 0) as experienced_turnover,
        avg(experienced_terminations + new_hire_terminations + reductions)
        / nullif((avg(opening_headcount) + avg(ending_headcount)) / 2, 0) as total_turnover,
        avg(transfers) as transfers,
        avg(opening_fte) as opening_fte,
        avg(ending_fte) as closing_fte,
        avg(average_fte) as average_fte
    from fct_year_summary
    group by scenario_id, simulation_year
)

select
    years.* exclude (replicates), -- noqa: RF02
    coalesce(averages.headcount, 0) / years.replicates as average_headcount
from years
left join averages
    on years.scenario_id = averages.scenario_id and years.simulation_year = averages.simulation_year
order by years.scenario_id, years.simulation_year
