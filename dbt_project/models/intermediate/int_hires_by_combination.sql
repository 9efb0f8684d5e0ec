-- The hires of each segment, apportioned over its combinations of dimensions: by the settings' mix where it has
-- shares there, else in the proportions of the segment's opening workforce (int_hire_weights). Combinations are
-- numbered in the order of their text, so that ties go to the earlier text.
with seats as (
    select
        hires.scenario_id,
        hires.replicate,
        hires.segment,
        case when grouping.is_by_level then hires.level else 0 end as group_level,
        sum(hires.apportioned) as seats
    from {{ ref('int_hires_by_level') }} as hires
    inner join {{ ref('int_hire_grouping') }} as grouping on hires.scenario_id = grouping.scenario_id
    group by all
),

weighted as (
    select
        seats.scenario_id,
        seats.replicate,
        seats.segment,
        seats.group_level,
        weights.combination_id,
        cast(seats.seats as bigint) as seats,
        weights.weight,
        sum(weights.weight) over (
            partition by seats.scenario_id, seats.replicate, seats.segment, seats.group_level
        ) as total_weight
    from seats
    inner join {{ ref('int_hire_weights') }} as weights
        on
            seats.scenario_id = weights.scenario_id
            and seats.replicate = weights.replicate
            and seats.segment = weights.segment
            and seats.group_level = weights.group_level
    where seats.seats > 0
),

{{ largest_remainder('weighted', 'combination_id', path='scenario_id, replicate, segment, group_level') }}
