-- The segments of scenarios with targets, and the same groups of people in scenarios without, from the breakdown by
-- their attribute: that needs segments of a single attribute, and knows neither the reasons of leavers nor, within
-- `others`, who moved between segments.
with segments as (
    select * from fct_segment_summary
    where segment <> 'all'
),

names as (
    select distinct
        segment,
        string_split(segment, '=')[1] as attribute
    from segments
),

attributes as (
    select any_value(attribute) as attribute
    from names
    where segment <> 'others'
    having count(distinct attribute) = 1 and not bool_or(contains(segment, ', '))
),

without_targets as (
    select
        breakdowns.scenario_id,
        breakdowns.replicate,
        breakdowns.simulation_year,
        coalesce(names.segment, 'others') as segment,
        sum(breakdowns.opening_headcount) as opening_headcount,
        sum(breakdowns.transfers_in) filter (where names.segment is not null) as transfers_in,
        sum(breakdowns.transfers_out) filter (where names.segment is not null) as transfers_out,
        sum(breakdowns.hires) as hires,
        sum(breakdowns.headcount) as ending_headcount
    from breakdowns
    inner join attributes on breakdowns.breakdown = attributes.attribute
    left join names on concat(breakdowns.breakdown, '=', breakdowns.item) = names.segment
    anti join segments on breakdowns.scenario_id = segments.scenario_id
    group by breakdowns.scenario_id, breakdowns.replicate, breakdowns.simulation_year, coalesce(names.segment, 'others')
),

found as (
    select * from segments
    union all by name
    select * from without_targets
)

select
    *,
    'segment' as breakdown,
    segment as item
from found
