-- Ages of hires; a draw in [weight_from, weight_to) gives the age.
with ages as (
    select
        *,
        sum(weight) over (partition by scenario_id order by age) as cumulative_weight
    from {{ source('inputs', 'hire_ages') }}
)

select
    scenario_id,
    age,
    cast(cumulative_weight - weight as double) as weight_from,
    cast(cumulative_weight as double) as weight_to
from ages
