-- Means over replicates of the known actions by what became of them, by the fiscal year of their date. That is also the
-- year in which they were settled, except outside the simulated years.
with paths as (
    select
        scenario_id,
        cast(count(distinct replicate) as double) as replicates
    from fct_year_summary
    group by scenario_id
),

actions as (
    select
        dated.*,
        cast(
            year(dated.action_date)
            + cast(
                fiscal_calendar.start_month * 100 + fiscal_calendar.start_day > 101
                and month(dated.action_date) * 100 + day(dated.action_date)
                >= fiscal_calendar.start_month * 100 + fiscal_calendar.start_day
                as integer
            ) as integer
        ) as action_year
    from fct_planned_actions as dated
    cross join fiscal_calendar
)

select
    actions.scenario_id,
    actions.action_year as simulation_year,
    actions.action,
    count(*) / any_value(paths.replicates) as planned,
    count_if(actions.outcome = 'done') / any_value(paths.replicates) as done,
    count_if(actions.outcome = 'not_drawn') / any_value(paths.replicates) as not_drawn,
    count_if(actions.outcome = 'not_employed') / any_value(paths.replicates) as not_employed,
    count_if(actions.outcome = 'no_effect') / any_value(paths.replicates) as no_effect,
    count_if(actions.outcome = 'outside_years') / any_value(paths.replicates) as outside_years
from actions
inner join paths on actions.scenario_id = paths.scenario_id
group by actions.scenario_id, actions.action_year, actions.action
order by actions.scenario_id, actions.action_year, actions.action
