-- Means over replicates of the employees of each hire year who are still employed.
with first_year as (
    select min(simulation_year) as first_year
    from fct_year_summary
),

paths as (
    select
        scenario_id,
        cast(count(distinct replicate) as double) as replicates
    from fct_year_summary
    group by scenario_id
),

cohorts as (
    select
        hired.scenario_id,
        hired.simulation_year,
        first_year.first_year,
        greatest(hired.hire_year, first_year.first_year - 1) as hire_year,
        sum(hired.employed_headcount) / any_value(paths.replicates) as employed,
        sum(hired.ending_headcount) / any_value(paths.replicates) as ending
    from fct_hire_cohorts as hired
    inner join paths on hired.scenario_id = paths.scenario_id
    cross join first_year
    group by
        hired.scenario_id,
        hired.simulation_year,
        first_year.first_year,
        greatest(hired.hire_year, first_year.first_year - 1)
)

select
    scenario_id,
    case when hire_year < first_year then concat('before ', first_year) else cast(hire_year as varchar) end as cohort,
    simulation_year,
    first(employed) over cohort_years as employed_at_first,
    ending as employed,
    ending / nullif(first(employed) over cohort_years, 0) as retained
from cohorts
window cohort_years as (partition by scenario_id, hire_year order by simulation_year)
order by scenario_id, hire_year, simulation_year
