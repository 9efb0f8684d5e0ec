-- The events, with the dimensions before and after each by name (a view, since the dimensions depend on the census;
-- int_workforce_events holds the rows and their contract).
with events as (
    select * from {{ ref('int_workforce_events') }}
),

combinations as (
    select * from {{ ref('stg_dimension_combinations') }}
),

before as (
    select
        columns(* exclude (combination_id)) as '\0_before', -- noqa: RF05
        combination_id
    from combinations
),

after as (
    select
        columns(* exclude (combination_id)) as '\0_after', -- noqa: RF05
        combination_id
    from combinations
)

select
    events.* exclude (combination_id_before, combination_id_after), -- noqa: RF02
    before.* exclude (combination_id), -- noqa: RF02
    after.* exclude (combination_id) -- noqa: RF02
from events
left join before on events.combination_id_before = before.combination_id
left join after on events.combination_id_after = after.combination_id
