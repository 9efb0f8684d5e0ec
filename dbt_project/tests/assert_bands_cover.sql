-- The bands of an attribute begin at 0, each ends where the next begins, and the last has no end: so
-- every completed number of years lies in exactly one.
with bands as (
    select
        *,
        lag(upper_bound, 1, 0) over (partition by scenario_id, attribute order by lower_bound) as expected_lower_bound,
        lead(lower_bound) over (partition by scenario_id, attribute order by lower_bound) as next_lower_bound
    from {{ source('inputs', 'bands') }}
)

select *
from bands
where
    lower_bound is distinct from expected_lower_bound
    or upper_bound is distinct from next_lower_bound
