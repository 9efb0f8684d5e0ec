-- Everyone employed in the year with the changes that reach them and the place of each in their year. Grain: path and
-- employee.
with changes as (
    select * from {{ ref(changes_before()) }}
),

keyed as (
    select
        *,
        salary as salary_0,
        level as opening_level,
        fte as opening_fte,
        combination_id as opening_combination_id,
        {{ change_keys() }}
    from changes
)

select
    * exclude (salary, level, fte, combination_id),
    {{ change_ranks() }}
from keyed
