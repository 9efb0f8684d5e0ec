-- Everyone employed on any day of the year, with the termination date and reason of those who leave.
with control as (
    select * from {{ ref('stg_control') }}
),

quotas as (
    select * from {{ ref('int_year_quotas') }}
),

opening as (
    select
        race.* exclude (simulation_year, is_expected, leaves_by_draw, race_rank), -- noqa: RF02
        case
            when race.race_rank <= quotas.experienced_terminations then 'experienced'
            when race.race_rank <= quotas.experienced_terminations + quotas.reductions then 'reduction_in_force'
        end as termination_reason
    from {{ ref('int_termination_race') }} as race
    inner join quotas on race.scenario_id = quotas.scenario_id and race.replicate = quotas.replicate
),

hires_drawn as (
    select
        *,
        {{ draw('new_hire_termination') }} as termination_draw
    from {{ ref('int_hires') }}
),

hires_ranked as (
    select
        *,
        row_number() over (
            partition by scenario_id, replicate order by termination_draw, employee_id
        ) as race_rank
    from hires_drawn
),

hired as (
    select
        hires_ranked.* exclude (race_rank), -- noqa: RF02
        {{ completed_years('hires_ranked.birth_date', 'control.simulation_year') }} as age,
        0 as tenure,
        cast(parameters.new_hire_termination_rate as double) as termination_hazard,
        0.0 as promotion_hazard,
        cast(null as double) as promotion_draw,
        case
            when parameters.mode = 'exact' and hires_ranked.race_rank <= quotas.new_hire_terminations then 'new_hire'
            when parameters.mode = 'expected' and hires_ranked.termination_draw < termination_hazard then 'new_hire'
        end as termination_reason
    from hires_ranked
    cross join control
    inner join quotas on hires_ranked.scenario_id = quotas.scenario_id and hires_ranked.replicate = quotas.replicate
    inner join {{ ref('stg_parameters') }} as parameters on hires_ranked.scenario_id = parameters.scenario_id
),

employed as (
    select * from opening
    union all by name
    select * from hired
),

dated as (
    select
        employed.*,
        control.year_end,
        -- A hire leaves after the hire date, so that no other event falls on the last day.
        greatest(employed.hire_date + 1, control.year_start) as earliest_last_day
    from employed
    cross join control
)

select
    * exclude (year_end, earliest_last_day),
    case
        when termination_reason is not null
            then
                earliest_last_day
                + cast(floor({{ draw('termination_date') }} * (year_end - earliest_last_day + 1)) as integer)
    end as termination_date
from dated
