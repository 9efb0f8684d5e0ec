-- The calendar months of the year under simulation, as far as its days are simulated, with the weight of a day in each:
-- lists for the dates of leavers and of hires. A scenario without weights has no row.
-- noqa: disable=LT02
with seasons as (
    select * from {{ source('inputs', 'seasons') }}
),

control as (
    select * from {{ ref('stg_control') }}
),

month_starts as (
    select cast(
        unnest(generate_series(date_trunc('month', year_start), year_end, interval 1 month)) as date
    ) as month_start
    from control
),

months as (
    select
        seasons.scenario_id,
        seasons.season,
        greatest(month_starts.month_start, control.year_start) as first_date,
        cast(least(last_day(month_starts.month_start), control.year_end) - first_date + 1 as integer) as days,
        cast(seasons.weight as double) as weight
    from seasons
    cross join control
    inner join month_starts on seasons.month_of_year = month(month_starts.month_start)
),

cumulated as (
    select
        *,
        coalesce(
            sum(weight * days) over (
                partition by scenario_id, season order by first_date
                rows between unbounded preceding and 1 preceding
            ), 0
        ) as weight_before
    from months
)

select
    scenario_id,
    {%- for season in ['termination', 'hire'] %}
    list(
        { 'first_date': first_date, 'days': days, 'weight': weight, 'weight_before': weight_before }
        order by first_date
    ) filter (where season = '{{ season }}') as {{ season }}_months{{ ',' if not loop.last }}
    {%- endfor %}
from cumulated
group by scenario_id
