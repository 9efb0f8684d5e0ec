-- The state of each employee at the end of the year, from replaying the year's events over the opening rows: last
-- level and salary, the opening salary plus all changes, and whether terminated.
with control as (
    select * from {{ ref('stg_control') }}
),

states as (
    select
        opening.scenario_id,
        opening.replicate,
        opening.employee_id,
        0 as event_sequence,
        opening.level,
        opening.fte,
        opening.combination_id,
        opening.salary,
        opening.salary as change,
        false as is_termination,
        true as is_entry
    from {{ source('state', 'earlier_snapshots') }} as opening
    inner join control on opening.simulation_year = control.simulation_year - 1
    where opening.employment_status = 'active'
    union all
    select
        events.scenario_id,
        events.replicate,
        events.employee_id,
        events.event_sequence,
        coalesce(events.level_after, events.level_before) as level,
        coalesce(events.fte_after, events.fte_before) as fte,
        coalesce(events.combination_id_after, events.combination_id_before) as combination_id,
        coalesce(events.salary_after, events.salary_before) as salary,
        coalesce(events.salary_after, events.salary_before) - coalesce(events.salary_before, 0) as change,
        events.event_type = 'termination' as is_termination,
        events.event_type = 'hire' as is_entry
    from {{ ref('int_workforce_events') }} as events
    inner join control on events.simulation_year = control.simulation_year
)

select
    scenario_id,
    replicate,
    employee_id,
    arg_max(level, event_sequence) as level,
    arg_max(fte, event_sequence) as fte,
    arg_max(combination_id, event_sequence) as combination_id,
    arg_max(salary, event_sequence) as salary,
    sum(change) as salary_by_changes,
    bool_or(is_termination) as is_terminated,
    count(*) filter (where is_entry) as entries,
    count(*) filter (where event_sequence > 0) - max(event_sequence) as surplus_events
from states
group by scenario_id, replicate, employee_id
