-- The dates on which raises take effect this year; a draw in [share_from, share_to) falls on the date. The date is null
-- if it is not after the opening date: what was due then has happened.
with dates as (
    select * from {{ source('inputs', 'effective_dates') }}
),

control as (
    select * from {{ ref('stg_control') }}
),

cumulated as (
    select
        dates.*,
        {{ date_in_fiscal_year('dates.month_of_year', 'dates.day_of_month') }} as falls_on,
        sum(dates.share) over raise as share_to,
        count(*) over (partition by dates.scenario_id, dates.raise_type) as date_count
    from dates
    cross join control
    window raise as (
        partition by dates.scenario_id, dates.raise_type order by dates.month_of_year, dates.day_of_month
    )
)

select
    cumulated.scenario_id,
    cumulated.raise_type,
    case when cumulated.falls_on >= control.year_start then cumulated.falls_on end as effective_date,
    cast(cumulated.share_to - cumulated.share as double) as share_from,
    cast(cumulated.share_to as double) as share_to,
    cumulated.date_count
from cumulated
cross join control
