with first_year as (select min(simulation_year) as year from fct_year_summary),

paths as (select scenario_id, count(distinct replicate)::double as replicates from fct_year_summary group by all),

cohorts as (
    select
        scenario_id, greatest(hire_year, first_year.year - 1) as cohort, first_year.year, simulation_year,
        sum(employed_headcount) / any_value(replicates) as employed,
        sum(ending_headcount) / any_value(replicates) as ending
    from fct_hire_cohorts inner join paths using (scenario_id) cross join first_year
    group by scenario_id, cohort, first_year.year, simulation_year
)

select
    scenario_id, case when cohort < year then concat('before ', year) else cohort::varchar end, simulation_year,
    first(employed) over cohort_years, ending, ending / nullif(first(employed) over cohort_years, 0)
from cohorts
window cohort_years as (partition by scenario_id, cohort order by simulation_year)
order by scenario_id, cohort, simulation_year
