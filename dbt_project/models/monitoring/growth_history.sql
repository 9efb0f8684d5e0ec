-- Growth of the years before the first, from the hire and termination dates in the census. A year is covered if
-- the file has leavers in it and in each later year: without them, everyone who left would be missing from its
-- opening headcount.
with movements as (
    select * from {{ source('inputs', 'census_history') }}
),

covered as (
    select
        movements.*,
        bool_and(movements.leavers > 0) over (order by movements.history_year desc) as is_covered
    from movements
)

select
    history_year,
    opening_headcount,
    hires,
    leavers,
    ending_headcount,
    ending_headcount / opening_headcount - 1 as growth_rate
from covered
where is_covered and opening_headcount > 0
