-- Employees of the opening workforce who leave before any reduction, with their last day: as experienced, and in a stub
-- year also by the higher risk of their year of hire (in mode `exact` R(n x hazard) of the n of a segment, else each by
-- a draw). Grain: path and employee.
with experienced as materialized (
    select * from {{ ref('int_experienced_terminations') }}
),

ranked as (
    select
        risks.*,
        count(*) over segment as employees,
        row_number() over (
            partition by risks.scenario_id, risks.replicate, risks.segment
            order by risks.hire_year_draw, risks.employee_id
        ) as leaving_rank
    from {{ ref('int_hire_year_risks') }} as risks
    anti join experienced
        on
            risks.scenario_id = experienced.scenario_id
            and risks.replicate = experienced.replicate
            and risks.employee_id = experienced.employee_id
    window segment as (partition by risks.scenario_id, risks.replicate, risks.segment)
),

in_year_of_hire as (
    select *
    from ranked
    where
        case
            when mode = 'exact' then leaving_rank <= {{ round_half_up('employees * hire_year_hazard') }}
            else hire_year_draw < hire_year_hazard
        end
)

select
    *,
    'experienced' as termination_reason
from experienced
union all by name
select
    leavers.scenario_id,
    leavers.replicate,
    leavers.employee_id,
    'new_hire' as termination_reason,
    leavers.hire_year_hazard,
    leavers.hire_year_draw,
    {{ day_in_season(
        'control.year_start', 'control.year_end', draw('termination_date', 'leavers.draw_key', 'leavers.employee_id'),
        'seasons.termination_months'
    ) }} as termination_date
from in_year_of_hire as leavers
cross join {{ ref('stg_control') }} as control
left join {{ ref('stg_seasons') }} as seasons on leavers.scenario_id = seasons.scenario_id
