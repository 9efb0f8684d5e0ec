-- Employees of the opening workforce who leave within the quota of their pool, with their last day. Grain: path and
-- employee.
-- noqa: disable=LT05
with leavers as (
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
)

select
    leavers.scenario_id,
    leavers.replicate,
    leavers.employee_id,
    coalesce(
        leavers.known_leave_date,
        {{ day_in_season(
            'control.year_start', 'control.year_end', draw('termination_date', 'leavers.draw_key', 'leavers.employee_id'),
            'seasons.termination_months'
        ) }}
    ) as termination_date
from leavers
cross join control
left join {{ ref('stg_seasons') }} as seasons on leavers.scenario_id = seasons.scenario_id
