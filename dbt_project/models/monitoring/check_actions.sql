-- Known actions up to the year under simulation: each has one outcome per path, and those of the year have their
-- event on the date if they are done, otherwise none. Events of known actions have no draw.
with control as (
    select * from {{ ref('stg_control') }}
),

due as (
    select
        actions.scenario_id,
        paths.replicate,
        actions.action_id
    from {{ ref('stg_actions') }} as actions
    inner join {{ ref('stg_paths') }} as paths on actions.scenario_id = paths.scenario_id
    cross join control
    where
        actions.action_date <= control.year_end
        or actions.action_date > control.run_end
),

settled as (
    select
        scenario_id,
        replicate,
        action_id,
        count(*) as outcomes
    from {{ ref('fct_planned_actions') }}
    group by scenario_id, replicate, action_id
),

events as (
    select
        planned.scenario_id,
        planned.replicate,
        planned.employee_id,
        planned.event_type,
        planned.event_date,
        count(*) as events,
        -- employees who reach a mandatory age leave without an action
        bool_or(causes.mandatory_age is not null) as is_mandatory
    from {{ rows_this_year(ref('int_workforce_events')) }} as events
    inner join {{ ref('planned_events') }} as planned
        on
            events.scenario_id = planned.scenario_id
            and events.replicate = planned.replicate
            and events.employee_id = planned.employee_id
            and events.event_type = planned.event_type
            and events.event_date = planned.event_date
    left join {{ ref('stg_causes') }} as causes
        on events.scenario_id = causes.scenario_id and events.cause = causes.cause
    where events.draw is null
    group by all
),

compared as (
    select
        scenario_id, -- noqa: RF02
        replicate, -- noqa: RF02
        due.action_id is not null and coalesce(settled.outcomes, 0) = 1 as is_accounted_for,
        concat('action ', action_id, ' has ', coalesce(settled.outcomes, 0), ' outcomes') as found -- noqa: RF02
    from due
    full outer join settled using (scenario_id, replicate, action_id) -- noqa: ST07
    union all
    select
        planned.scenario_id,
        planned.replicate,
        coalesce(events.events, 0) = planned.done
        or (planned.event_type = 'termination' and planned.done = 0 and events.is_mandatory) as is_accounted_for,
        concat(
            'action ', planned.action_id, ': ', planned.done, ' done, but ', coalesce(events.events, 0), ' events of ',
            'type ', planned.event_type, ' of employee ', planned.employee_id, ' on ', planned.event_date
        ) as found
    from {{ ref('planned_events') }} as planned
    left join events using (scenario_id, replicate, employee_id, event_type, event_date) -- noqa: ST07
)

{{ check_rows('compared', [
    ('actions_accounted_for', 'is_accounted_for', 'one outcome per action and path; its event on the date if done, else none',
        'found')
]) }}
