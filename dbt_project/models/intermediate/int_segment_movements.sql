-- Headcount of each segment at the opening, and the opening workforce's movements that are known before hires and reductions:
-- who changes segment, and who leaves from which. Grain: path and segment.
with plan as (
    select * from {{ ref('int_opening_plan') }}
),

known_hires as (
    select
        scenario_id,
        replicate,
        segment,
        count(*) as known_hires
    from {{ ref('int_known_hires') }}
    group by scenario_id, replicate, segment
),

openings as (
    select
        scenario_id,
        replicate,
        segment,
        count(*) as opening_headcount
    from {{ ref('int_exposure') }}
    group by scenario_id, replicate, segment
),

cells as (
    select
        scenario_id,
        replicate,
        segment,
        last_segment,
        count(termination_date) as leavers,
        count(*) filter (where last_segment <> segment) as movers
    from plan
    group by scenario_id, replicate, segment, last_segment
),

movements as (
    select * from openings
    union all by name
    select
        scenario_id,
        replicate,
        segment,
        movers as transfers_out
    from cells
    union all by name
    select
        scenario_id,
        replicate,
        last_segment as segment,
        leavers,
        movers as transfers_in
    from cells
),

sums as (
    select
        scenario_id,
        replicate,
        segment,
        sum(opening_headcount) as opening_headcount,
        sum(leavers) as experienced_terminations,
        sum(transfers_in) as transfers_in,
        sum(transfers_out) as transfers_out
    from movements
    group by scenario_id, replicate, segment
)

select
    paths.scenario_id,
    paths.replicate,
    paths.simulation_year,
    segments.* exclude (scenario_id),
    cast(coalesce(sums.opening_headcount, 0) as bigint) as opening_headcount,
    cast(coalesce(sums.experienced_terminations, 0) as bigint) as experienced_terminations,
    cast(coalesce(sums.transfers_in, 0) as bigint) as transfers_in,
    cast(coalesce(sums.transfers_out, 0) as bigint) as transfers_out,
    coalesce(known_hires.known_hires, 0) as known_hires
from {{ ref('stg_paths') }} as paths
inner join {{ ref('stg_segments') }} as segments on paths.scenario_id = segments.scenario_id
left join sums
    on
        paths.scenario_id = sums.scenario_id
        and paths.replicate = sums.replicate
        and segments.segment = sums.segment
left join known_hires
    on
        paths.scenario_id = known_hires.scenario_id
        and paths.replicate = known_hires.replicate
        and segments.segment = known_hires.segment
