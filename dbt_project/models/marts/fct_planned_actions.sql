-- Known actions with what became of them. Grain: path and action. The year is the one in which the action was
-- settled; for dates outside all simulated years it is the first. A view, since a run may be continued by further
-- years.
with settled as (
    select * from {{ ref('int_settled_actions') }}
),

outside as (
    select
        actions.scenario_id,
        paths.replicate,
        control.start_year as simulation_year,
        actions.action_id,
        actions.action,
        actions.employee_id,
        actions.action_date,
        'outside_years' as outcome
    from {{ ref('stg_actions') }} as actions
    inner join {{ ref('stg_paths') }} as paths on actions.scenario_id = paths.scenario_id
    cross join {{ ref('stg_control') }} as control
    where actions.action_date <= control.opening_date or actions.action_date > control.run_end
)

select * from settled
union all by name
select * from outside
