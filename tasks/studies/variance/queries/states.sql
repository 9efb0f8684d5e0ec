-- Everybody's states in the year, split at each change: level, pay, FTE and place from `from_date` to `to_date`; the
-- state in which the year opens has no from_date. Two changes on a day leave a state without days between them.
with first_changes as (
    select * from changes
    qualify row_number() over (partition by replicate, employee_id order by event_sequence) = 1
),

opening as (
    select
        people.replicate,
        people.employee_id,
        0 as number,
        false as is_hire,
        cast(null as date) as from_date,
        coalesce(first_changes.level_before, people.level) as level,
        coalesce(first_changes.salary_before, people.salary) as salary,
        coalesce(first_changes.fte_before, people.fte) as fte,
        coalesce(first_changes.place_before, people.place) as place
    from people
    left join first_changes
        on people.replicate = first_changes.replicate and people.employee_id = first_changes.employee_id
    where coalesce(first_changes.event_type <> 'hire', true)
),

later as (
    select
        replicate,
        employee_id,
        event_sequence as number,
        event_type = 'hire' as is_hire,
        event_date as from_date,
        level_after as level,
        salary_after as salary,
        fte_after as fte,
        place_after as place
    from changes
    where event_type <> 'termination'
),

every as (
    select * from opening
    union all
    select * from later
)

select
    *,
    lead(from_date) over (partition by replicate, employee_id order by number) - 1 as day_before_next
from every
