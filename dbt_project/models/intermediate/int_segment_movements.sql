-- Headcount of each segment at the opening, and the opening workforce's movements that are known before hires and
-- reductions: who changes segment, and who leaves from which. Grain: path and segment.
with known_hires as (
    select
        scenario_id,
        replicate,
        segment,
        count(*) as known_hires,
        count(known_leave_date) as known_hire_leaves
    from {{ ref('int_known_hires') }}
    group by scenario_id, replicate, segment
),

openings as (
    select
        scenario_id,
        replicate,
        segment,
        count(*) as opening_headcount,
        count(known_leave_date) as known_leaves
    from {{ ref('int_exposure') }}
    group by scenario_id, replicate, segment
),

cells as (
    select
        scenario_id,
        replicate,
        segment,
        last_segment,
        count(*) filter (where termination_reason = 'experienced') as experienced_terminations,
        count(*) filter (where termination_reason = 'new_hire') as hire_year_leavers,
        count(*) filter (where last_segment <> segment) as movers
    from {{ ref('int_opening_plan') }}
    group by scenario_id, replicate, segment, last_segment
),

movements as (
    select * from known_hires
    union all by name
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
        experienced_terminations,
        hire_year_leavers,
        movers as transfers_in
    from cells
)

select
    paths.scenario_id,
    paths.replicate,
    paths.simulation_year,
    segments.* exclude (scenario_id), -- noqa: RF02
    cast(coalesce(sum(movements.opening_headcount), 0) as bigint) as opening_headcount,
    cast(coalesce(sum(movements.experienced_terminations), 0) as bigint) as experienced_terminations,
    cast(coalesce(sum(movements.hire_year_leavers), 0) as bigint) as hire_year_leavers,
    cast(coalesce(sum(movements.transfers_in), 0) as bigint) as transfers_in,
    cast(coalesce(sum(movements.transfers_out), 0) as bigint) as transfers_out,
    cast(coalesce(sum(movements.known_leaves), 0) as bigint) as known_leaves,
    cast(coalesce(sum(movements.known_hires), 0) as bigint) as known_hires,
    cast(coalesce(sum(movements.known_hire_leaves), 0) as bigint) as known_hire_leaves
from {{ ref('stg_paths') }} as paths
inner join {{ ref('stg_segments') }} as segments on paths.scenario_id = segments.scenario_id
left join movements
    on
        paths.scenario_id = movements.scenario_id
        and paths.replicate = movements.replicate
        and segments.segment = movements.segment
group by all
