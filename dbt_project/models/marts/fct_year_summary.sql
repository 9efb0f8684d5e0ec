-- Headcount, payroll and cost of a path and year. A path without employees has a row of zeros.
{{ config(materialized='year_append', tags=['year']) }}

with paths as (
    select * from {{ ref('stg_paths') }}
),

control as (
    select * from {{ ref('stg_control') }}
),

counts as (
    select
        scenario_id,
        replicate,
        count(*) filter (where not is_hire) as opening_headcount,
        count(*) filter (where is_hire) as hires,
        count(*) filter (where termination_reason = 'experienced') as experienced_terminations,
        count(*) filter (where termination_reason = 'new_hire') as new_hire_terminations,
        count(*) filter (where termination_reason = 'reduction_in_force') as reductions,
        {{ count_of_changes('promotion') }} as promotions,
        {{ count_of_changes('cola') }} as cola_raises,
        {{ count_of_changes('merit') }} as merit_raises,
        {{ count_of_changes('adjustment') }} as adjustments,
        {{ count_of_changes('transfer') }} as transfers,
        sum(salary_0) filter (where not is_hire) as opening_payroll,
        sum(opening_fte) filter (where not is_hire) as opening_fte,
        sum(closing_fte) filter (where termination_reason is null) as ending_fte,
        cast(1000000 * sum({{ fte_days('coalesce(termination_date, year_end)') }}) as bigint) as fte_days,
        any_value(year_end - year_start + 1) as days
    from {{ ref('int_year_pay') }}
    group by scenario_id, replicate
),

closings as (
    select
        snapshot.scenario_id,
        snapshot.replicate,
        count(*) filter (where snapshot.employment_status = 'active') as ending_headcount,
        sum(snapshot.salary) filter (where snapshot.employment_status = 'active') as ending_payroll,
        sum(snapshot.prorated_compensation) as prorated_payroll
    from {{ ref('int_workforce_snapshot') }} as snapshot
    inner join control on snapshot.simulation_year = control.simulation_year
    group by snapshot.scenario_id, snapshot.replicate
)

select
    paths.scenario_id,
    paths.replicate,
    paths.simulation_year,
    coalesce(counts.opening_headcount, 0) as opening_headcount,
    coalesce(counts.hires, 0) as hires,
    coalesce(counts.experienced_terminations, 0) as experienced_terminations,
    coalesce(counts.new_hire_terminations, 0) as new_hire_terminations,
    coalesce(counts.reductions, 0) as reductions,
    coalesce(counts.promotions, 0) as promotions,
    coalesce(counts.cola_raises, 0) as cola_raises,
    coalesce(counts.merit_raises, 0) as merit_raises,
    coalesce(counts.adjustments, 0) as adjustments,
    coalesce(counts.transfers, 0) as transfers,
    coalesce(closings.ending_headcount, 0) as ending_headcount,
    closings.ending_headcount / nullif(counts.opening_headcount, 0) - 1 as growth_rate,
    cast(coalesce(counts.opening_fte, 0) as decimal(18, 6)) as opening_fte,
    cast(coalesce(counts.ending_fte, 0) as decimal(18, 6)) as ending_fte,
    cast(coalesce({{ prorate('counts.fte_days', 'counts.days') }}, 0) / 1e6 as decimal(18, 6)) as average_fte,
    cast(coalesce(counts.opening_payroll, 0) as decimal(18, 2)) as opening_payroll,
    cast(coalesce(closings.ending_payroll, 0) as decimal(18, 2)) as ending_payroll,
    cast(coalesce(closings.prorated_payroll, 0) as decimal(18, 2)) as prorated_payroll,
    cost.* exclude (scenario_id, replicate), -- noqa: RF02
    cast(
        floor(closings.ending_payroll * 100 / nullif(closings.ending_headcount, 0) + 0.5) / 100 as decimal(14, 2)
    ) as average_salary
from paths
inner join control on paths.simulation_year = control.simulation_year and control.simulation_year >= control.start_year
inner join {{ ref('int_year_cost') }} as cost
    on paths.scenario_id = cost.scenario_id and paths.replicate = cost.replicate
left join counts on paths.scenario_id = counts.scenario_id and paths.replicate = counts.replicate
left join closings on paths.scenario_id = closings.scenario_id and paths.replicate = closings.replicate
