-- The workforce year by year, with its dimensions by name (a view, since the dimensions depend on the
-- census; int_workforce_snapshot holds the rows and their contract).
with snapshot as (
    select * from {{ ref('int_workforce_snapshot') }}
),

combinations as (
    select * from {{ ref('stg_dimension_combinations') }}
)

select
    snapshot.* exclude (combination_id), -- noqa: RF02
    combinations.* exclude (combination_id) -- noqa: RF02
from snapshot
inner join combinations on snapshot.combination_id = combinations.combination_id
