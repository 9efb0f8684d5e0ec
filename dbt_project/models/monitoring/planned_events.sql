-- Events that the known actions of the year under simulation lead to: how many actions are done, of those that ask
-- for the same type of event for the same employee on the same date. Grain: path, employee, event type and date.
with outcomes as (
    select * from {{ rows_this_year(ref('int_settled_actions')) }}
),

people as (
    select
        outcomes.* exclude (employee_id, action), -- noqa: RF02
        actions.employee_id,
        case outcomes.action when 'leave' then 'termination' when 'promote' then 'promotion' else outcomes.action end
            as event_type,
        -- a hire can be of several people
        unnest(range(1, case when outcomes.action = 'hire' then actions.people else 1 end + 1)) as nth
    from outcomes
    inner join {{ ref('stg_actions') }} as actions
        on outcomes.scenario_id = actions.scenario_id and outcomes.action_id = actions.action_id
)

select
    people.scenario_id,
    people.replicate,
    {{ known_hire_id('people', 'nth') }} as employee_id,
    people.event_type,
    people.action_date as event_date,
    min(people.action_id) as action_id,
    count(*) filter (where people.outcome = 'done') as done
from people
group by all
