-- The segments of scenarios with targets, and the same groups of people in scenarios without, from the summary of
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

groups as (
    select
        scenario_id,
        replicate,
        simulation_year,
        dimension as attribute,
        coalesce(dimension_value, '(none)') as value,
        opening_headcount,
        transfers_in,
        transfers_out,
        hires,
        ending_headcount
    from fct_dimension_summary
    union all
    select
        scenario_id,
        replicate,
        simulation_year,
        'level' as attribute,
        level::varchar as value,
        opening_headcount,
        promotions_in as transfers_in,
        promotions_out as transfers_out,
        hires,
        ending_headcount
    from fct_level_summary
),

without_targets as (
    select
        groups.scenario_id,
        groups.replicate,
        groups.simulation_year,
        coalesce(names.segment, 'others') as segment,
        sum(groups.opening_headcount) as opening_headcount,
        sum(groups.transfers_in) filter (where names.segment is not null) as transfers_in,
        sum(groups.transfers_out) filter (where names.segment is not null) as transfers_out,
        sum(groups.hires) as hires,
        sum(groups.ending_headcount) as ending_headcount
    from groups
    inner join attributes on groups.attribute = attributes.attribute
    left join names on concat(groups.attribute, '=', groups.value) = names.segment
    anti join segments on groups.scenario_id = segments.scenario_id
    group by groups.scenario_id, groups.replicate, groups.simulation_year, coalesce(names.segment, 'others')
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
