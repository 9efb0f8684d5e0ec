-- The segments of scenarios with targets, and the same groups of people in scenarios without, from the breakdown by
-- their attribute: that needs segments of a single attribute, and knows neither the reasons of leavers nor, within
-- `others`, who moved between segments. `rest_of` is the same where `others` is the rest of the same segments; a
-- scenario without targets has the rest of each set of segments that another scenario names.
with segments as (
    select * from fct_segment_summary
    where segment <> 'all'
),

names as (
    select distinct
        scenario_id,
        segment,
        string_split(segment, '=')[1] as attribute
    from segments
    where segment <> 'others'
),

definitions as (
    select
        scenario_id,
        md5(string_agg(segment, chr(10) order by segment)) as rest_of,
        count(distinct attribute) = 1 and not bool_or(regexp_matches(segment, ', [^=]+=')) as is_of_one_attribute
    from names
    group by scenario_id
),

parts as (
    select distinct
        definitions.rest_of,
        names.attribute,
        names.segment
    from definitions
    inner join names on definitions.scenario_id = names.scenario_id
    where definitions.is_of_one_attribute
),

attributes as (
    select distinct
        rest_of,
        attribute
    from parts
),

without_targets as (
    select
        breakdowns.scenario_id,
        breakdowns.replicate,
        breakdowns.simulation_year,
        coalesce(parts.segment, 'others') as segment,
        case when parts.segment is null then attributes.rest_of end as rest_of,
        sum(breakdowns.opening_headcount) as opening_headcount,
        sum(breakdowns.transfers_in) filter (where parts.segment is not null) as transfers_in,
        sum(breakdowns.transfers_out) filter (where parts.segment is not null) as transfers_out,
        sum(breakdowns.hires) as hires,
        sum(breakdowns.headcount) as ending_headcount
    from breakdowns
    inner join attributes on breakdowns.breakdown = attributes.attribute
    left join parts
        on
            attributes.rest_of = parts.rest_of
            and concat(breakdowns.breakdown, '=', breakdowns.item) = parts.segment
    anti join segments on breakdowns.scenario_id = segments.scenario_id
    group by
        breakdowns.scenario_id, breakdowns.replicate, breakdowns.simulation_year, attributes.rest_of, parts.segment
),

found as (
    select
        segments.*,
        case when segments.segment = 'others' then definitions.rest_of end as rest_of
    from segments
    inner join definitions on segments.scenario_id = definitions.scenario_id
    union all by name
    -- a segment that several scenarios name is counted for each
    select distinct * from without_targets
)

select
    *,
    'segment' as breakdown,
    segment as item
from found
