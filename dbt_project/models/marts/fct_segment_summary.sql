-- Headcount and movements of each segment beside its target. Grain: path, year and segment. Leavers count in the
-- segment in which they leave; who changes segment in the year (by transfer, or by promotion between segments of
-- levels) counts once.
-- noqa: disable=LT02
{{ config(materialized='year_append', tags=['year']) }}

with cells as (
    select
        pay.scenario_id,
        pay.replicate,
        pay.segment,
        members.segment as last_segment,
        count(*) as employees,
        count(*) filter (where pay.is_hire) as hires,
        count(*) filter (where pay.termination_reason = 'experienced') as experienced_terminations,
        count(*) filter (where pay.termination_reason = 'new_hire') as new_hire_terminations,
        count(*) filter (where pay.termination_reason = 'reduction_in_force') as reductions,
        count(*) filter (where pay.termination_reason is null) as ending_headcount
    from {{ ref('int_year_pay') }} as pay
    inner join {{ ref('stg_segment_members') }} as members
        on
            pay.scenario_id = members.scenario_id
            and pay.closing_combination_id = members.combination_id
            and pay.closing_level = members.level
    group by pay.scenario_id, pay.replicate, pay.segment, members.segment
),

sides as (
    select
        scenario_id,
        replicate,
        segment,
        employees - hires as opening_headcount,
        hires,
        0 as transfers_in,
        case when segment <> last_segment then employees else 0 end as transfers_out
    from cells
    union all by name
    select
        * exclude (segment, last_segment, hires, employees),
        last_segment as segment,
        case when segment <> last_segment then employees else 0 end as transfers_in
    from cells
),

sums as (
    select
        scenario_id,
        replicate,
        segment,
        {%- for count in [
            'opening_headcount', 'transfers_in', 'transfers_out', 'hires', 'experienced_terminations',
            'new_hire_terminations', 'reductions', 'ending_headcount'
        ] %}
        sum({{ count }}) as {{ count }}{{ ',' if not loop.last }}
        {%- endfor %}
    from sides
    group by scenario_id, replicate, segment
)

select
    quotas.scenario_id,
    quotas.replicate,
    quotas.simulation_year,
    quotas.segment,
    {%- for count in [
        'opening_headcount', 'transfers_in', 'transfers_out', 'hires', 'experienced_terminations',
        'new_hire_terminations', 'reductions', 'ending_headcount'
    ] %}
    cast(coalesce(sums.{{ count }}, 0) as bigint) as {{ count }},
    {%- endfor %}
    quotas.target_headcount
from {{ ref('int_year_quotas') }} as quotas
inner join {{ ref('stg_control') }} as control
    on quotas.simulation_year = control.simulation_year and control.simulation_year >= control.start_year
left join sums
    on
        quotas.scenario_id = sums.scenario_id
        and quotas.replicate = sums.replicate
        and quotas.segment = sums.segment
