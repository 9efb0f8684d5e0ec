-- The people whom the year's known actions hire, one row each, with the id that they get. Grain: path and person.
with numbered as (
    select
        *,
        unnest(range(1, people + 1)) as nth
    from {{ ref('int_planned_actions') }}
    where action = 'hire' and is_drawn
)

select
    *,
    {{ known_hire_id('numbered', 'nth') }} as hire_id
from numbered
