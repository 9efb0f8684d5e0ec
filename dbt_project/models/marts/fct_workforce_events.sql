-- Every hire, COLA, promotion, merit raise and termination. Grain: path, year, employee and type.
{{ config(materialized='year_append', tags=['year']) }}

-- Not materialised: each type reads only the columns and rows it needs, which takes half the time.
with pay as not materialized (
    select * from {{ ref('int_year_pay') }}
),

hires as (
    select
        scenario_id,
        replicate,
        simulation_year,
        employee_id,
        'hire' as event_type,
        hire_date as event_date,
        1 as event_sequence,
        opening_level as level_after,
        opening_salary as salary_after
    from pay
    where is_hire
),

terminations as (
    select
        scenario_id,
        replicate,
        simulation_year,
        employee_id,
        'termination' as event_type,
        termination_reason as event_reason,
        termination_date as event_date,
        termination_sequence as event_sequence,
        closing_level as level_before,
        salary as salary_before,
        termination_hazard as hazard,
        termination_draw as draw
    from pay
    where termination_reason is not null
),

-- a column that a type does not have is null
events as (
    select * from hires
    union all by name
    select * from {{ ref('int_raise_events') }}
    union all by name
    select * from terminations
)

select
    *,
    cast(
        md5(concat(scenario_id, '|', replicate, '|', simulation_year, '|', employee_id, '|', event_type)) as uuid
    ) as event_id
from events
