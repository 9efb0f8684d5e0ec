-- The opening workforce with the last day of those who leave within the quota of their pool.
with race as (
    select * from {{ ref('int_termination_race') }}
),

quotas as (
    select * from {{ ref('int_termination_quotas') }}
),

control as (
    select * from {{ ref('stg_control') }}
),

seasons as (
    select * from {{ ref('stg_seasons') }}
),

leaving as (
    select
        race.*,
        control.year_start,
        control.year_end,
        seasons.termination_months,
        case when race.race_rank <= quotas.experienced_terminations then 'experienced' end as termination_reason
    from race
    cross join control
    inner join quotas
        on
            race.scenario_id = quotas.scenario_id
            and race.replicate = quotas.replicate
            and race.termination_pool = quotas.termination_pool
    left join seasons on race.scenario_id = seasons.scenario_id
)

select
    * exclude (year_start, year_end, termination_months, known_leave_date, race_rank),
    case
        when termination_reason is not null
            then coalesce(
                known_leave_date,
                {{ day_in_season('year_start', 'year_end', draw('termination_date'), 'termination_months') }}
            )
    end as termination_date
from leaving
