-- How many employees of each hire year are left. Grain: path, year and hire year.
{{ config(materialized='year_append', tags=['year']) }}

with pay as (
    select * from {{ ref('int_year_pay') }}
)

select
    scenario_id,
    replicate,
    simulation_year,
    cast(year(hire_date) as integer) as hire_year,
    count(*) as employed_headcount,
    count(*) filter (where termination_reason is not null) as terminations,
    count(*) filter (where termination_reason is null) as ending_headcount,
    cast(coalesce(sum(closing_salary) filter (where termination_reason is null), 0) as decimal(18, 2)) as ending_payroll
from pay
group by scenario_id, replicate, simulation_year, year(hire_date)
