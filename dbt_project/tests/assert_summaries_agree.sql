-- The level, dimension, segment and cohort summaries of the year under simulation add up to the year summary, and each
-- row of a dimension or segment balances: opening + hires + transfers in - transfers out - leavers = ending.
{{ config(tags=['year']) }}

with year_summary as (
    select
        scenario_id,
        replicate,
        opening_headcount + hires as employed_headcount,
        experienced_terminations + new_hire_terminations + reductions as terminations,
        ending_headcount,
        ending_payroll,
        opening_fte,
        ending_fte
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
        ending_payroll,
        opening_fte,
        ending_fte,
        true as is_balanced
    from {{ rows_this_year(ref('fct_level_summary')) }}
    union all by name
    select
        'fct_hire_cohorts' as part,
        scenario_id,
        replicate,
        employed_headcount,
        terminations,
        ending_headcount,
        ending_payroll,
        employed_headcount - terminations = ending_headcount as is_balanced
    from {{ rows_this_year(ref('fct_hire_cohorts')) }}
    union all by name
    select
        'fct_segment_summary' as part,
        scenario_id,
        replicate,
        opening_headcount + hires as employed_headcount,
        experienced_terminations + new_hire_terminations + reductions as terminations,
        ending_headcount,
        employed_headcount + transfers_in - transfers_out - terminations = ending_headcount as is_balanced
    from {{ rows_this_year(ref('fct_segment_summary')) }}
    union all by name
    select
        'fct_dimension_summary by ' || dimension as part,
        scenario_id,
        replicate,
        opening_headcount + hires as employed_headcount,
        terminations,
        ending_headcount,
        ending_payroll,
        opening_fte,
        ending_fte,
        opening_headcount + hires + transfers_in - transfers_out - terminations = ending_headcount as is_balanced
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
        sum(ending_payroll) as ending_payroll,
        sum(opening_fte) as opening_fte,
        sum(ending_fte) as ending_fte,
        bool_and(is_balanced) as is_balanced
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
    -- not every summary has pay and FTE
    or summed.ending_payroll != year_summary.ending_payroll
    or summed.opening_fte != year_summary.opening_fte
    or summed.ending_fte != year_summary.ending_fte
    or not summed.is_balanced
