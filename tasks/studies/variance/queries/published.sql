-- Payroll and loaded cost as published, means over replicates. Grain: bridge, month, level and place.
with months as (
    select
        month,
        level,
        place,
        sum(salary_cost) / $replicates as payroll,
        sum(loaded_cost) / $replicates as cost
    from months_of_year
    where list_contains(cast($months as date[]), month)
    group by all
)

unpivot months on payroll, cost into name bridge value amount
