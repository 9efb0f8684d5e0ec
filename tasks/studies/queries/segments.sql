-- The segments of scenarios with targets; without, one segment `all` holds everybody.
select
    *,
    'segment' as breakdown,
    segment as item
from fct_segment_summary
where segment <> 'all'
