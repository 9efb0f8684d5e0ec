-- Means over replicates of the months, a row per combination of $keys: scenario, year, month and groups.
-- A replicate that lacks a group counts 0. A mean is what the rounded running total of its year grows by, in the
-- order of $keys. Rows therefore add up to the rounded total of their month and year, whatever the groups are.
with sums as (
    select
        columns($keys),
        cast(1000000 * sum(columns($numbers)) as hugeint) -- whole numbers, so that no rounding depends on a float
    from chosen_rows
    group by all
),

placed as (
    select
        *,
        row(*columns($keys)) as place
    from sums
),

hundredths as ( -- $divisor millionths, summed over replicates, are one hundredth of the mean
    select
        columns($keys),
        -- of the month's last day: the running total is that of the month
        (sum(columns($of_a_day)) over month_so_far + $divisor // 2) // $divisor
        - (sum(columns($of_a_day)) over month_so_far - columns($of_a_day) + $divisor // 2) // $divisor,
        (sum(columns($of_the_month)) over year_so_far + $divisor // 2) // $divisor
        - (sum(columns($of_the_month)) over year_so_far - columns($of_the_month) + $divisor // 2) // $divisor
    from placed
    window
        month_so_far as (partition by scenario_id, simulation_year, month order by place rows unbounded preceding),
        year_so_far as (partition by scenario_id, simulation_year order by place rows unbounded preceding)
)

select
    columns($keys),
    columns($numbers) / 100
from hundredths
