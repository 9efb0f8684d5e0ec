-- Hires and reductions per segment, from the targets.
--   needed = target - (opening + transfers in - transfers out - leavers of the opening workforce)
--   hires H = the smallest H with H - R(H r) = needed; since H - R(H r) >= needed holds exactly where
--   H > (needed - 1/2) / (1 - r), that is floor((needed - 1/2) / (1 - r)) + 1, here in whole numbers
--   with r in units of 10^-12. Known hires are among them, and win if they are more. So are those who are known to
--   leave within the year among the leavers: if these are more than R(H r), H = max(needed, 0) + known leavers.
{{ config(materialized='year_table', tags=['year']) }}

with targets as (
    select * from {{ ref('int_segment_targets') }}
),

given_hires as (
    select * from {{ ref('int_given_hires') }}
),

needs as (
    select
        targets.*,
        given_hires.hires as apportioned_hires,
        targets.target_headcount
        - (
            targets.opening_headcount + targets.transfers_in - targets.transfers_out
            - targets.experienced_terminations - targets.hire_year_leavers
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
            when needed <= 0 then known_hire_leaves
            else greatest(needed + known_hire_leaves, cast(
                cast(2 * needed - 1 as hugeint) * 1000000000000
                // (2 * (1000000000000 - cast(new_hire_termination_rate * 1000000000000 as hugeint)))
                + 1 as bigint
            ))
        end as hire_quota,
        greatest(hire_quota, known_hires) as hires
    from needs
)

select
    * exclude (mode, new_hire_termination_rate, known_hire_leaves),
    greatest({{ round_half_up('hires * new_hire_termination_rate') }}, known_hire_leaves) as new_hire_terminations
from quotas
