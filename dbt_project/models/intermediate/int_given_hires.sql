-- Hires of each segment if the settings give their number: known hires, and the others apportioned by opening
-- headcount. If more are known than given, the number given is apportioned over the known ones. Grain: path and
-- segment.
with totals as (
    select
        scenario_id,
        replicate,
        segment_number,
        opening_headcount,
        known_hires,
        given_hires,
        sum(opening_headcount) over path as opening_total,
        sum(known_hires) over path as known_total,
        known_total > given_hires as is_exceeded,
        max(segment_number) over path as last_segment_number
    from {{ ref('int_segment_targets') }}
    where given_hires is not null
    window path as (partition by scenario_id, replicate)
),

weighted as (
    select
        scenario_id,
        replicate,
        segment_number,
        case when is_exceeded then 0 else known_hires end as known_within,
        cast(given_hires - case when is_exceeded then 0 else known_total end as bigint) as seats,
        case
            when is_exceeded then known_hires
            when opening_total > 0 then opening_headcount
            -- a company without employees hires into its last segment
            else cast(segment_number = last_segment_number as bigint)
        end as weight,
        case when is_exceeded then known_total else greatest(opening_total, 1) end as total_weight
    from totals
),

apportionment as (
    select * from (
        with {{ largest_remainder('weighted', 'segment_number') }}
    ) as apportioned_seats
)

select
    scenario_id,
    replicate,
    segment_number,
    apportioned + known_within as hires
from apportionment
