-- How many employees of each hire year, a fiscal year, are left. Grain: path, year and hire year.
{{ config(materialized='year_append', tags=['year']) }}

with pay as (
    select
        pay.*,
        cast({{ fiscal_year_of('pay.hire_date') }} as integer) as hire_year
    from {{ ref('int_year_pay') }} as pay
    cross join {{ ref('stg_control') }} as control
)

select
    scenario_id,
    replicate,
    simulation_year,
    hire_year,
    count(*) as employed_headcount,
    count(*) filter (where termination_reason is not null) as terminations,
    count(*) filter (where termination_reason is null) as ending_headcount,
    cast(coalesce(sum(closing_salary) filter (where termination_reason is null), 0) as decimal(18, 2)) as ending_payroll
from pay
group by scenario_id, replicate, simulation_year, hire_year
