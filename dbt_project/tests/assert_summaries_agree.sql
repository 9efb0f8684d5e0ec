-- The level, dimension and cohort summaries of the year under simulation add up to the year summary.
{{ config(tags=['year']) }}

with year_summary as (
    select
        scenario_id,
        replicate,
        opening_headcount + hires as employed_headcount,
        experienced_terminations + new_hire_terminations + reductions as terminations,
        ending_headcount,
        ending_payroll
    from {{ rows_this_year(ref('fct_year_summary')) }}
),

parts as (
    select
        'fct_level_summary' as part,
        scenario_id,
        replicate,
        opening_headcount + hires as employed_headcount,
        terminations,
        ending_headcount,
        ending_payroll
    from {{ rows_this_year(ref('fct_level_summary')) }}
    union all
    select
        'fct_hire_cohorts' as part,
        scenario_id,
        replicate,
        employed_headcount,
        terminations,
        ending_headcount,
        ending_payroll
    from {{ rows_this_year(ref('fct_hire_cohorts')) }}
    union all
    select
        'fct_dimension_summary by ' || dimension as part,
        scenario_id,
        replicate,
        opening_headcount + hires as employed_headcount,
        terminations,
        ending_headcount,
        ending_payroll
    from {{ rows_this_year(ref('fct_dimension_summary')) }}
),

summed as (
    select
        part,
        scenario_id,
        replicate,
        sum(employed_headcount) as employed_headcount,
        sum(terminations) as terminations,
        sum(ending_headcount) as ending_headcount,
        sum(ending_payroll) as ending_payroll
    from parts
    group by part, scenario_id, replicate
)

select summed.*
from summed
inner join year_summary on summed.scenario_id = year_summary.scenario_id and summed.replicate = year_summary.replicate
where
    summed.employed_headcount != year_summary.employed_headcount
    or summed.terminations != year_summary.terminations
    or summed.ending_headcount != year_summary.ending_headcount
    or summed.ending_payroll != year_summary.ending_payroll
