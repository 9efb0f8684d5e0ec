{#
  Largest remainder (Hamilton): `seats` of each path over rows in proportion to `weight` of
  `total_weight`, all integers; ties go to the first row by `tie_order`.
  `rows` is a CTE with the columns of `path`, seats, weight, total_weight and any further columns to keep.
  Returns the CTEs that follow it and the final select.
#}
{% macro largest_remainder(rows, tie_order, path='scenario_id, replicate') -%}
quotients as (
    select
        *,
        seats::hugeint * weight // total_weight as whole_seats,
        seats::hugeint * weight % total_weight as remainder
    from {{ rows }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by {{ path }} order by remainder desc, {{ tie_order }}
        ) as remainder_rank,
        seats - sum(whole_seats) over (partition by {{ path }}) as seats_left
    from quotients
)

select
    * exclude (whole_seats, remainder, remainder_rank, seats_left),
    cast(whole_seats + case when remainder_rank <= seats_left then 1 else 0 end as bigint) as apportioned
from ranked
{%- endmacro %}
