-- Everyone employed on any day of the year, with the last day and the reason of those who leave.
with race as (
    select * from {{ ref('int_termination_race') }}
),

hires as (
    select * from {{ ref('int_hires') }}
),

quotas as (
    select * from {{ ref('int_year_quotas') }}
),

parameters as (
    select * from {{ ref('stg_parameters') }}
),

control as (
    select * from {{ ref('stg_control') }}
),

opening as (
    select
        race.scenario_id,
        race.replicate,
        race.employee_id,
        race.draw_key,
        race.combination_id,
        race.birth_date,
        race.hire_date,
        race.age,
        race.tenure,
        race.level,
        race.salary,
        race.termination_hazard,
        race.termination_draw,
        race.promotion_hazard,
        race.promotion_draw,
        case
            when race.race_rank <= quotas.experienced_terminations then 'experienced'
            when race.race_rank <= quotas.experienced_terminations + quotas.reductions then 'reduction_in_force'
        end as termination_reason
    from race
    inner join quotas on race.scenario_id = quotas.scenario_id and race.replicate = quotas.replicate
),

hires_drawn as (
    select
        *,
        {{ draw('new_hire_termination') }} as termination_draw
    from hires
),

hires_ranked as (
    select
        hires_drawn.*,
        row_number() over (
            partition by hires_drawn.scenario_id, hires_drawn.replicate
            order by hires_drawn.termination_draw, hires_drawn.employee_id
        ) as race_rank
    from hires_drawn
),

hired as (
    select
        hires_ranked.scenario_id,
        hires_ranked.replicate,
        hires_ranked.employee_id,
        hires_ranked.draw_key,
        hires_ranked.combination_id,
        hires_ranked.birth_date,
        hires_ranked.hire_date,
        {{ completed_years('hires_ranked.birth_date', 'control.simulation_year') }} as age,
        0 as tenure,
        hires_ranked.level,
        hires_ranked.salary,
        cast(parameters.new_hire_termination_rate as double) as termination_hazard,
        hires_ranked.termination_draw,
        0.0 as promotion_hazard,
        cast(null as double) as promotion_draw,
        case
            when parameters.mode = 'exact' and hires_ranked.race_rank <= quotas.new_hire_terminations then 'new_hire'
            when
                parameters.mode = 'expected'
                and hires_ranked.termination_draw < cast(parameters.new_hire_termination_rate as double)
                then 'new_hire'
        end as termination_reason
    from hires_ranked
    cross join control
    inner join quotas on hires_ranked.scenario_id = quotas.scenario_id and hires_ranked.replicate = quotas.replicate
    inner join parameters on hires_ranked.scenario_id = parameters.scenario_id
),

everyone as (
    select * from opening
    union all
    select * from hired
),

employed as (
    select
        everyone.*,
        control.year_end,
        -- a hire leaves after the day of hire, so that nothing but leaving happens on the last day
        greatest(everyone.hire_date + 1, control.year_start) as first_last_day
    from everyone
    cross join control
)

select
    * exclude (year_end, first_last_day),
    case
        when termination_reason is not null
            then
                first_last_day
                + cast(
                    floor(
                        {{ draw('termination_date') }} * (year_end - first_last_day + 1)
                    ) as integer
                )
    end as termination_date
from employed
