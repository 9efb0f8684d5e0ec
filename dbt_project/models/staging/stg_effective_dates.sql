-- The dates on which raises take effect this year; a draw in [share_from, share_to) falls on the date.
with dates as (
    select * from {{ source('inputs', 'effective_dates') }}
),

control as (
    select * from {{ ref('stg_control') }}
),

cumulated as (
    select
        *,
        sum(share) over (partition by scenario_id, raise_type order by month_of_year, day_of_month) as share_to,
        count(*) over (partition by scenario_id, raise_type) as date_count
    from dates
)

select
    cumulated.scenario_id,
    cumulated.raise_type,
    make_date(control.simulation_year, cumulated.month_of_year, cumulated.day_of_month) as effective_date,
    cast(cumulated.share_to - cumulated.share as double) as share_from,
    cast(cumulated.share_to as double) as share_to,
    cumulated.date_count
from cumulated
cross join control
