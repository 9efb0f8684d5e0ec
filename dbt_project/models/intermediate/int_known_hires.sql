-- Known hires of the year: one row per person, with what the action gives, the rest drawn as for any hire, and the last
-- day if it is known too. Grain: path and employee.
with levels as (
    select
        *,
        sum(hire_share) over (partition by scenario_id order by level) as share_to
    from {{ ref('stg_levels') }}
),

people as (
    select
        *,
        {{ draw('hire_level', 'draw_key', 'hire_id') }} as level_draw,
        {{ draw('hire_dimensions', 'draw_key', 'hire_id') }} as dimensions_draw
    from {{ ref('int_people_hired') }}
),

combined as (
    select
        people.*,
        coalesce(people.level, levels.level) as hire_level,
        odds.combination_id as drawn_combination_id
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
    inner join {{ ref('int_combination_odds') }} as odds
        on
            people.scenario_id = odds.scenario_id
            and people.replicate = odds.replicate
            and people.dimensions_draw * odds.total_weight >= odds.weight_from
            and people.dimensions_draw * odds.total_weight < odds.weight_to
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
    members.segment,
    leavers.leave_date as known_leave_date,
    leavers.cause as known_cause
from combined
left join {{ ref('stg_moves') }} as moves
    on combined.move_id = moves.move_id and combined.drawn_combination_id = moves.from_combination_id
inner join {{ ref('stg_segment_members') }} as members
    on
        combined.scenario_id = members.scenario_id
        and coalesce(moves.to_combination_id, combined.drawn_combination_id) = members.combination_id
        and combined.hire_level = members.level
left join {{ ref('int_known_leavers') }} as leavers
    on
        combined.scenario_id = leavers.scenario_id
        and combined.replicate = leavers.replicate
        and combined.hire_id = leavers.employee_id
