-- Everyone employed in the year with the changes that reach them and the place of each in their year. Grain: path and
-- employee.
with changes as (
    select * from {{ ref(changes_before()) }}
),

keyed as (
    select
        *,
        salary as salary_0,
        level as level_0,
        fte as fte_0,
        combination_id as combination_id_0,
        {{ change_keys() }}
    from changes
)

select
    * exclude (salary, level, fte, combination_id),
    {{ change_ranks() }}
from keyed
