-- Known actions of the year under simulation in each path, with whether chance lets them happen. The opening state,
-- built as the year before the first, has none; what is dated on or before the opening date has happened. Grain: path
-- and action.
with actions as (
    select * from {{ ref('stg_actions') }}
),

paths as (
    select * from {{ ref('stg_paths') }}
)

select
    paths.replicate,
    paths.simulation_year,
    paths.draw_key,
    actions.*,
    {{ draw('action', 'paths.draw_key', 'actions.action_id') }} < cast(actions.probability as double) as is_drawn
from actions
inner join {{ ref('stg_control') }} as control
    on
        actions.action_date between control.year_start and control.year_end
        and control.simulation_year >= control.start_year
inner join paths on actions.scenario_id = paths.scenario_id
