-- The opening workforce with its hazards of termination, promotion and transfer, the draws compared with them, its
-- segment, and the date of a known leave.
{{ config(materialized='year_table', database='work', tags=['year']) }}

with opening as (
    select * from {{ ref('int_opening_workforce') }}
),

control as (
    select * from {{ ref('stg_control') }}
),

known_leavers as (
    select * from {{ ref('int_known_leavers') }}
),

aged as not materialized (
    select
        opening.*,
        {{ parameter_replicate('opening') }} as parameter_replicate,
        {{ completed_years('opening.birth_date', 'control.fiscal_year_start') }} as age,
        {{ completed_years('opening.hire_date', 'control.fiscal_year_start') }} as tenure,
        coalesce(classes.factor_class, 0) as factor_class,
        members.segment
    from opening
    cross join control
    inner join {{ ref('stg_segment_members') }} as members
        on
            opening.scenario_id = members.scenario_id
            and opening.combination_id = members.combination_id
            and opening.level = members.level
    left join {{ ref('stg_factor_classes') }} as classes
        on opening.scenario_id = classes.scenario_id and opening.combination_id = classes.combination_id
),

{{ hazards_by_cause('aged') }},

{{ hazards_of_kinds() }}

select
    aged.*,
    segments.termination_pool,
    hazards.termination_hazard,
    hazards.promotion_hazard,
    hazards.transfer_hazard,
    {{ draw('termination', 'aged.draw_key', 'aged.employee_id') }} as termination_draw,
    case
        when hazards.promotion_hazard > 0 then {{ draw('promotion', 'aged.draw_key', 'aged.employee_id') }}
    end as promotion_draw,
    case
        when hazards.transfer_hazard > 0 then {{ draw('transfer', 'aged.draw_key', 'aged.employee_id') }}
    end as transfer_draw,
    known_leavers.leave_date as known_leave_date,
    known_leavers.cause as known_cause
from aged
inner join {{ ref('stg_segments') }} as segments
    on aged.scenario_id = segments.scenario_id and aged.segment = segments.segment
{{ join_hazards('aged', 'hazards') }}
left join known_leavers
    on
        aged.scenario_id = known_leavers.scenario_id
        and aged.replicate = known_leavers.replicate
        and aged.employee_id = known_leavers.employee_id
