-- The opening workforce with the last day of those who leave within the quota of their pool.
with hazards as (
    select * from {{ ref('int_termination_hazards') }}
),

leavers as (
    select race.*
    from {{ ref('int_termination_race') }} as race
    inner join {{ ref('int_termination_quotas') }} as quotas
        on
            race.scenario_id = quotas.scenario_id
            and race.replicate = quotas.replicate
            and race.termination_pool = quotas.termination_pool
    where race.race_rank <= quotas.experienced_terminations
),

control as (
    select * from {{ ref('stg_control') }}
),

leaving as (
    select
        hazards.*,
        control.year_start,
        control.year_end,
        seasons.termination_months,
        case when leavers.employee_id is not null then 'experienced' end as termination_reason
    from hazards
    cross join control
    left join leavers
        on
            hazards.scenario_id = leavers.scenario_id
            and hazards.replicate = leavers.replicate
            and hazards.employee_id = leavers.employee_id
    left join {{ ref('stg_seasons') }} as seasons on hazards.scenario_id = seasons.scenario_id
)

select
    * exclude (
        year_start, year_end, termination_months, known_leave_date, termination_pool, factor_class, is_sure_to_leave
    ),
    case
        when termination_reason is not null
            then coalesce(
                known_leave_date,
                {{ day_in_season('year_start', 'year_end', draw('termination_date'), 'termination_months') }}
            )
    end as termination_date
from leaving
