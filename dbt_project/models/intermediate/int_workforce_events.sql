-- Every hire, change (pay, level, FTE, dimensions) and termination. Grain: path, year, employee and sequence.
{{ config(materialized='year_append', tags=['year']) }}

-- Not materialised: each type reads only the columns and rows it needs, which takes half the time.
with pay as not materialized (
    select * from {{ ref('int_year_pay') }}
),

causes as (
    select * from {{ ref('int_termination_causes') }}
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

terminations as (
    select
        pay.scenario_id,
        pay.replicate,
        pay.simulation_year,
        pay.employee_id,
        'termination' as event_type,
        pay.termination_reason as event_reason,
        causes.cause,
        pay.termination_date as event_date,
        1 + cast(pay.is_hire as integer) + pay.change_count - cast(pay.idle_step is not null as integer)
            as event_sequence,
        pay.closing_level as level_before,
        pay.closing_salary as salary_before,
        pay.closing_fte as fte_before,
        pay.closing_combination_id as combination_id_before,
        case when not causes.is_known then pay.termination_hazard end as hazard,
        case when not causes.is_known then pay.termination_draw end as draw
    from pay
    inner join causes
        on
            pay.scenario_id = causes.scenario_id
            and pay.replicate = causes.replicate
            and pay.employee_id = causes.employee_id
    where pay.termination_reason is not null
),

-- a column that a type does not have is null
events as (
    select * from hires
    union all by name
    select * from {{ ref('int_change_events') }}
    union all by name
    select * from terminations
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
