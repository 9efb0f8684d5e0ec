-- Means over replicates, a row per combination of $keys. A replicate that lacks a group counts 0.
-- A mean is what the rounded running total grows by among the rows that agree in $whole, in the order of $keys.
-- These rows therefore add up to their rounded total.
with sums as (
    select
        columns($keys),
        cast(1000000 * sum(columns($numbers)) as hugeint) -- whole numbers, so that no rounding depends on a float
    from chosen_rows
    group by all
),

whole as (
    select
        *,
        row(*columns($whole)) as whole
    from sums
),

placed as (
    select
        *,
        row(*columns($keys)) as place
    from whole
),

means as ( -- in units of the last digit
    select
        columns($keys),
        (sum(columns($numbers)) over so_far + $divisor // 2) // $divisor
        - (sum(columns($numbers)) over so_far - columns($numbers) + $divisor // 2) // $divisor
    from placed
    window so_far as (partition by whole order by place rows unbounded preceding)
)

select
    columns($keys),
    columns($numbers) / $units
from means
