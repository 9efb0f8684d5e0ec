-- Terminations and hires per path, from the targets.
--   ending = R(N (1 + growth)), experienced = R(N rate), or in mode `expected` those drawn
--   needed = ending - (N - experienced)
--   hires H = the smallest H with H - R(H r) = needed; since H - R(H r) >= needed holds exactly where
--   H > (needed - 1/2) / (1 - r), that is floor((needed - 1/2) / (1 - r)) + 1, here in whole numbers
--   with r in units of 10^-12.
{{ config(materialized='year_table', tags=['year']) }}

with paths as (
    select * from {{ ref('stg_paths') }}
),

parameters as (
    select * from {{ ref('stg_parameters') }}
),

openings as (
    select
        scenario_id,
        replicate,
        count(*) as opening_headcount,
        count(*) filter (where leaves_by_draw) as drawn_terminations
    from {{ ref('int_termination_hazards') }}
    group by scenario_id, replicate
),

targets as (
    select
        paths.scenario_id,
        paths.replicate,
        paths.simulation_year,
        parameters.new_hire_termination_rate,
        coalesce(openings.opening_headcount, 0) as opening_headcount,
        {{ round_half_up('coalesce(openings.opening_headcount, 0) * (1 + parameters.target_growth_rate)') }}
            as target_headcount,
        case
            when parameters.mode = 'expected' then coalesce(openings.drawn_terminations, 0)
            else {{ round_half_up('coalesce(openings.opening_headcount, 0) * parameters.total_termination_rate') }}
        end as experienced_terminations
    from paths
    inner join parameters on paths.scenario_id = parameters.scenario_id
    left join openings on paths.scenario_id = openings.scenario_id and paths.replicate = openings.replicate
),

needs as (
    select
        *,
        target_headcount - (opening_headcount - experienced_terminations) as needed
    from targets
),

quotas as (
    select
        *,
        greatest(0, -needed) as reductions,
        case
            when needed <= 0 then 0
            else cast(
                cast(2 * needed - 1 as hugeint) * 1000000000000
                // (2 * (1000000000000 - cast(new_hire_termination_rate * 1000000000000 as hugeint)))
                + 1 as bigint
            )
        end as hires
    from needs
)

select
    scenario_id,
    replicate,
    simulation_year,
    opening_headcount,
    target_headcount,
    experienced_terminations,
    reductions,
    hires,
    {{ round_half_up('hires * new_hire_termination_rate') }} as new_hire_terminations
from quotas
