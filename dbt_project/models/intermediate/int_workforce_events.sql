-- Every hire, change (pay, level, FTE, dimensions) and termination. Grain: path, year, employee and sequence.
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
        salary_0 as salary_after,
        opening_fte as fte_after,
        opening_combination_id as combination_id_after
    from pay
    where is_hire
),

-- a column that a type does not have is null
events as (
    select * from hires
    union all by name
    select * from {{ ref('int_change_events') }}
    union all by name
    select * from {{ ref('int_termination_events') }}
)

select
    * exclude (nth_of_type),
    cast(
        md5(concat(
            scenario_id, '|', replicate, '|', simulation_year, '|', employee_id, '|', event_type,
            case when nth_of_type > 1 then concat('|', nth_of_type) end
        )) as uuid
    ) as event_id
from events
