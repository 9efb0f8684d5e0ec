-- Means over replicates of opening and closing headcount and the movements between them.
with person_years as (
    select
        scenario_id,
        simulation_year,
        sum(employee_days) / any_value(make_date(simulation_year + 1, 1, 1) - make_date(simulation_year, 1, 1))
            as person_years
    from fct_month_summary
    group by scenario_id, simulation_year
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
    coalesce(person_years.person_years, 0) / years.replicates as average_headcount
from years
left join person_years
    on years.scenario_id = person_years.scenario_id and years.simulation_year = person_years.simulation_year
order by years.scenario_id, years.simulation_year
