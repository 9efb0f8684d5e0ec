-- What happened in the first fiscal year before the opening date, by segment: headcount when the fiscal year began,
-- hires, and leavers, of whom experienced ones were there when it began. Leavers count where they left. No row without
-- past lists. Grain: scenario and segment.
with spells as (
    select
        *,
        is_exit and to_day > 0 as is_leaver
    from {{ ref('stg_actual_spells') }}
)

select
    members.scenario_id,
    members.segment,
    count(*) filter (where spells.from_day <= 0 and (spells.to_day > 0 or not spells.is_exit)) as start_headcount,
    count(*) filter (where spells.is_hire and spells.from_day > 0) as hires,
    count(*) filter (where spells.is_leaver and spells.was_there_at_start) as experienced_terminations,
    count(*) filter (where spells.is_leaver and not spells.was_there_at_start) as new_hire_terminations
from spells
inner join {{ ref('stg_segment_members') }} as members
    on spells.combination_id = members.combination_id and spells.level = members.level
group by members.scenario_id, members.segment
