-- Headcount, movements and payroll of a path and year by each value of each dimension.
{{ config(materialized='year_append', tags=['year']) }}

with pay as (
    select * from {{ ref('int_year_pay') }}
),

dimension_values as (
    select * from {{ ref('stg_dimension_values') }}
),

combined as (
    select
        scenario_id,
        replicate,
        simulation_year,
        combination_id,
        count(*) filter (where not is_hire) as opening_headcount,
        count(*) filter (where is_hire) as hires,
        count(*) filter (where has_promotion) as promotions,
        count(*) filter (where termination_reason is not null) as terminations,
        count(*) filter (where termination_reason is null) as ending_headcount,
        coalesce(sum(salary) filter (where termination_reason is null), 0) as ending_payroll
    from pay
    group by scenario_id, replicate, simulation_year, combination_id
)

select
    combined.scenario_id,
    combined.replicate,
    combined.simulation_year,
    dimension_values.dimension,
    dimension_values.dimension_value,
    cast(sum(combined.opening_headcount) as bigint) as opening_headcount,
    cast(sum(combined.hires) as bigint) as hires,
    cast(sum(combined.promotions) as bigint) as promotions,
    cast(sum(combined.terminations) as bigint) as terminations,
    cast(sum(combined.ending_headcount) as bigint) as ending_headcount,
    cast(sum(combined.ending_payroll) as decimal(18, 2)) as ending_payroll
from combined
inner join dimension_values on combined.combination_id = dimension_values.combination_id
group by
    combined.scenario_id,
    combined.replicate,
    combined.simulation_year,
    dimension_values.dimension,
    dimension_values.dimension_value
