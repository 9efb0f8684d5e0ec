-- Known hires of the year: one row per person, with what the action gives, and the rest drawn as for any hire. Grain:
-- path and employee.
with actions as (
    select * from {{ ref('int_planned_actions') }}
    where action = 'hire' and is_drawn
),

levels as (
    select
        *,
        sum(hire_share) over (partition by scenario_id order by level) as share_to
    from {{ ref('stg_levels') }}
),

numbered as (
    select
        *,
        unnest(range(1, people + 1)) as nth
    from actions
),

people as (
    select
        *,
        {{ known_hire_id('numbered', 'nth') }} as hire_id,
        {{ draw('hire_level', 'draw_key', 'hire_id') }} as level_draw,
        {{ draw('hire_dimensions', 'draw_key', 'hire_id') }} as dimensions_draw
    from numbered
),

leveled as (
    select
        people.*,
        coalesce(people.level, levels.level) as hire_level
    from people
    inner join levels
        on
            people.scenario_id = levels.scenario_id
            and case
                when people.level is not null then people.level = levels.level
                else
                    people.level_draw >= cast(levels.share_to - levels.hire_share as double)
                    and people.level_draw < cast(levels.share_to as double)
            end
),

combined as (
    select
        leveled.*,
        odds.combination_id as drawn_combination_id
    from leveled
    inner join {{ ref('int_combination_odds') }} as odds
        on
            leveled.scenario_id = odds.scenario_id
            and leveled.replicate = odds.replicate
            and leveled.dimensions_draw * odds.total_weight >= odds.weight_from
            and leveled.dimensions_draw * odds.total_weight < odds.weight_to
)

select
    combined.scenario_id,
    combined.replicate,
    combined.hire_id as employee_id,
    combined.draw_key,
    combined.hire_level as level,
    coalesce(moves.to_combination_id, combined.drawn_combination_id) as combination_id,
    combined.action_date as hire_date,
    combined.salary,
    combined.fte,
    members.segment
from combined
left join {{ ref('stg_moves') }} as moves
    on combined.move_id = moves.move_id and combined.drawn_combination_id = moves.from_combination_id
inner join {{ ref('stg_segment_members') }} as members
    on
        combined.scenario_id = members.scenario_id
        and coalesce(moves.to_combination_id, combined.drawn_combination_id) = members.combination_id
        and combined.hire_level = members.level
