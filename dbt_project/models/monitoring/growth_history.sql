-- Growth of the years before the first, as the census tells it by its own hire and termination dates. A year
-- is told if the file names those who left in it and in each later year: without them, all who left would be
-- missing from its opening headcount.
with movements as (
    select * from {{ source('inputs', 'census_history') }}
),

told as (
    select
        movements.*,
        bool_and(movements.leavers > 0) over (order by movements.history_year desc) as is_told
    from movements
)

select
    history_year,
    opening_headcount,
    hires,
    leavers,
    ending_headcount,
    ending_headcount / opening_headcount - 1 as growth_rate
from told
where is_told and opening_headcount > 0
