-- Headcount, movements and payroll of a path and year by level (hires and leavers at their level then,
-- promotions by the level left).
{{ config(materialized='year_append', tags=['year']) }}

with control as (
    select * from {{ ref('stg_control') }}
),

levels as (
    select * from {{ ref('stg_levels') }}
),

paths as (
    select * from {{ ref('stg_paths') }}
),

pay as (
    select * from {{ ref('int_year_pay') }}
),

openings as (
    select
        scenario_id,
        replicate,
        opening_level as level,
        count(*) filter (where not is_hire) as opening_headcount,
        count(*) filter (where is_hire) as hires,
        count(promotion_rank) as promotions_out,
        sum(opening_fte) filter (where not is_hire) as opening_fte
    from pay
    group by scenario_id, replicate, opening_level
),

closings as (
    select
        scenario_id,
        replicate,
        closing_level as level,
        count(promotion_rank) as promotions_in,
        count(*) filter (where termination_reason is not null) as terminations,
        count(*) filter (where termination_reason is null) as ending_headcount,
        coalesce(sum(closing_salary) filter (where termination_reason is null), 0) as ending_payroll,
        sum(closing_fte) filter (where termination_reason is null) as ending_fte
    from pay
    group by scenario_id, replicate, closing_level
)

select
    paths.scenario_id,
    paths.replicate,
    paths.simulation_year,
    levels.level,
    levels.level_name,
    coalesce(openings.opening_headcount, 0) as opening_headcount,
    coalesce(openings.hires, 0) as hires,
    coalesce(closings.promotions_in, 0) as promotions_in,
    coalesce(openings.promotions_out, 0) as promotions_out,
    coalesce(closings.terminations, 0) as terminations,
    coalesce(closings.ending_headcount, 0) as ending_headcount,
    cast(coalesce(openings.opening_fte, 0) as decimal(18, 6)) as opening_fte,
    cast(coalesce(closings.ending_fte, 0) as decimal(18, 6)) as ending_fte,
    cast(coalesce(closings.ending_payroll, 0) as decimal(18, 2)) as ending_payroll
from paths
inner join control on paths.simulation_year = control.simulation_year and control.simulation_year >= control.start_year
inner join levels on paths.scenario_id = levels.scenario_id
left join openings
    on
        paths.scenario_id = openings.scenario_id
        and paths.replicate = openings.replicate
        and levels.level = openings.level
left join closings
    on
        paths.scenario_id = closings.scenario_id
        and paths.replicate = closings.replicate
        and levels.level = closings.level
