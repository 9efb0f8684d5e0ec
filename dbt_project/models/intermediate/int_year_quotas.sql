-- Hires and reductions per segment, from the targets.
--   needed = target - (opening + transfers in - transfers out - experienced terminations)
--   hires H = the smallest H with H - R(H r) = needed; since H - R(H r) >= needed holds exactly where
--   H > (needed - 1/2) / (1 - r), that is floor((needed - 1/2) / (1 - r)) + 1, here in whole numbers
--   with r in units of 10^-12. Known hires are among them, and win if they are more.
-- If the settings give the hires, they are apportioned over the segments by opening headcount.
{{ config(materialized='year_table', tags=['year']) }}

with targets as (
    select * from {{ ref('int_segment_targets') }}
),

given as (
    select
        scenario_id,
        replicate,
        segment_number,
        given_hires as seats,
        -- a company without employees hires into its last segment
        case
            when sum(opening_headcount) over path > 0 then opening_headcount
            else cast(segment_number = max(segment_number) over path as bigint)
        end as weight,
        greatest(sum(opening_headcount) over path, 1) as total_weight
    from targets
    where given_hires is not null
    window path as (partition by scenario_id, replicate)
),

given_hires as (
    select * from (
        with {{ largest_remainder('given', 'segment_number') }}
    ) as apportioned_hires
),

needs as (
    select
        targets.*,
        given_hires.apportioned as apportioned_hires,
        targets.target_headcount
        - (
            targets.opening_headcount + targets.transfers_in - targets.transfers_out
            - targets.experienced_terminations
        ) as needed
    from targets
    left join given_hires
        on
            targets.scenario_id = given_hires.scenario_id
            and targets.replicate = given_hires.replicate
            and targets.segment_number = given_hires.segment_number
),

quotas as (
    select
        * exclude (known_hires, apportioned_hires, given_hires, needed),
        known_hires,
        greatest(0, -coalesce(needed, 0)) as reductions,
        case
            when apportioned_hires is not null then apportioned_hires
            when needed <= 0 then 0
            else cast(
                cast(2 * needed - 1 as hugeint) * 1000000000000
                // (2 * (1000000000000 - cast(new_hire_termination_rate * 1000000000000 as hugeint)))
                + 1 as bigint
            )
        end as hire_quota,
        greatest(hire_quota, known_hires) as hires
    from needs
)

select
    * exclude (mode, new_hire_termination_rate),
    {{ round_half_up('hires * new_hire_termination_rate') }} as new_hire_terminations
from quotas
