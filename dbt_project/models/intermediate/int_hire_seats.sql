-- The year's hires with segment, level and combination of dimensions. Those that the targets ask for are numbered
-- within the path by segment and level, and draws pair them with the combinations of their group. Known hires keep
-- what their action gives. Grain: path and employee.
with seats as (
    select
        levels.scenario_id,
        levels.replicate,
        levels.segment,
        levels.level,
        case when grouping.is_by_level then levels.level else 0 end as group_level,
        paths.draw_key,
        printf(
            'H%d-%07d',
            paths.simulation_year,
            row_number() over (
                partition by levels.scenario_id, levels.replicate order by levels.segment_number, levels.level
            )
        ) as employee_id
    from (
        select
            *,
            unnest(range(apportioned)) as nth
        from {{ ref('int_hires_by_level') }}
    ) as levels
    inner join {{ ref('stg_paths') }} as paths
        on levels.scenario_id = paths.scenario_id and levels.replicate = paths.replicate
    inner join {{ ref('int_hire_grouping') }} as grouping on levels.scenario_id = grouping.scenario_id
),

ranked as (
    select
        *,
        row_number() over (
            partition by scenario_id, replicate, segment, group_level
            order by {{ draw('hire_dimensions') }}, employee_id
        ) as seat
    from seats
),

combination_seats as (
    select
        *,
        row_number() over (
            partition by scenario_id, replicate, segment, group_level order by combination_id
        ) as seat
    from (
        select
            *,
            unnest(range(apportioned)) as nth
        from {{ ref('int_hires_by_combination') }}
    )
)

select
    ranked.* exclude (group_level, seat), -- noqa: RF02
    combination_seats.combination_id,
    cast(null as date) as hire_date,
    cast(null as decimal(7, 6)) as fte,
    cast(null as decimal(14, 2)) as salary,
    cast(null as date) as known_leave_date,
    cast(null as varchar) as known_cause
from ranked
inner join combination_seats using (scenario_id, replicate, segment, group_level, seat) -- noqa: ST07
{%- if uses('known_hire') %}
union all by name
select * from {{ ref('int_known_hires') }}
{%- endif %}
