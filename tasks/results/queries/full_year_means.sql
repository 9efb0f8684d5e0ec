-- Means over replicates of the first fiscal year: its actual part, its forecast part, and the full year.
with paths as (
    select
        *,
        opening_headcount + actual_hires
        - actual_experienced_terminations - actual_new_hire_terminations - actual_reductions as at_opening_date
    from fct_full_year_summary
),

parts as (
    select
        scenario_id,
        simulation_year,
        1 as place,
        'actual' as basis,
        actual_hires as hires,
        actual_experienced_terminations as experienced_leavers,
        actual_new_hire_terminations as new_hire_leavers,
        actual_reductions as reductions,
        opening_headcount as opening,
        at_opening_date as closing,
        actual_salary_cost as salary,
        actual_bonus_cost as bonus,
        actual_benefits_cost as benefits,
        actual_payroll_tax_cost as payroll_tax,
        actual_recruiting_cost as recruiting,
        actual_severance_cost as severance,
        actual_loaded_cost as loaded_cost
    from paths
    union all
    select
        scenario_id,
        simulation_year,
        2 as place,
        'forecast' as basis,
        forecast_hires as hires,
        forecast_experienced_terminations as experienced_leavers,
        forecast_new_hire_terminations as new_hire_leavers,
        forecast_reductions as reductions,
        at_opening_date as opening,
        ending_headcount as closing,
        forecast_salary_cost as salary,
        forecast_bonus_cost as bonus,
        forecast_benefits_cost as benefits,
        forecast_payroll_tax_cost as payroll_tax,
        forecast_recruiting_cost as recruiting,
        forecast_severance_cost as severance,
        forecast_loaded_cost as loaded_cost
    from paths
    union all
    select
        scenario_id,
        simulation_year,
        3 as place,
        'full year' as basis,
        hires,
        experienced_terminations as experienced_leavers,
        new_hire_terminations as new_hire_leavers,
        reductions,
        opening_headcount as opening,
        ending_headcount as closing,
        salary_cost as salary,
        bonus_cost as bonus,
        benefits_cost as benefits,
        payroll_tax_cost as payroll_tax,
        recruiting_cost as recruiting,
        severance_cost as severance,
        loaded_cost
    from paths
)

select
    scenario_id,
    simulation_year,
    basis,
    avg(opening) as opening,
    avg(hires) as hires,
    avg(experienced_leavers) as experienced_leavers,
    avg(new_hire_leavers) as new_hire_leavers,
    avg(reductions) as reductions,
    avg(closing) as closing,
    avg(closing / nullif(opening, 0) - 1) as growth,
    cast(avg(salary) as double) as salary,
    cast(avg(bonus) as double) as bonus,
    cast(avg(benefits) as double) as benefits,
    cast(avg(payroll_tax) as double) as payroll_tax,
    cast(avg(recruiting) as double) as recruiting,
    cast(avg(severance) as double) as severance,
    cast(avg(loaded_cost) as double) as loaded_cost
from parts
group by scenario_id, simulation_year, place, basis
order by scenario_id, place
