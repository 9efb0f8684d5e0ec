-- Employees of the opening workforce for whom something is settled before hires and reductions: the last day of
-- leavers, a promotion, transfers and known changes that they get if employed on the date, and the
-- segment to which these lead. Grain: path and employee; who has nothing of it has no row.
-- noqa: disable=LT02,LT05,RF02,ST03
{{ config(materialized='year_table', database='work', tags=['year']) }}

{%- set slots = range(1, known_change_slots() + 1) %}
{%- set parts = ['terminations', 'promotions'] + (['transfers'] if uses('transfer') else []) + (['known'] if slots else []) %}
with exposure as (
    select * from {{ ref('int_exposure') }}
),

terminations as (
    select * from {{ ref('int_opening_leavers') }}
),

promotions as (
    select * from {{ ref('int_promotions') }}
),

transfers as (
    select * from {{ ref('int_transfers') }}
),

known as (
    select * from {{ ref('int_known_changes') }}
),

settled as (
    select
        exposure.scenario_id,
        exposure.replicate,
        exposure.employee_id,
        exposure.hire_date,
        exposure.level,
        exposure.combination_id,
        exposure.segment,
        {%- for part in parts %}
        {{ part }}.* exclude (scenario_id, replicate, employee_id{{ ', has_known_transfer, idle_actions' if part == 'known' }}){{ ',' if not loop.last }}
        {%- endfor %}
    from exposure
    {%- for part in parts %}
    left join {{ part }}
        on
            exposure.scenario_id = {{ part }}.scenario_id
            and exposure.replicate = {{ part }}.replicate
            and exposure.employee_id = {{ part }}.employee_id
    {%- endfor %}
    where
        {%- for part in parts %}
        {{ 'or ' if not loop.first }}{{ part }}.employee_id is not null
        {%- endfor %}
),

moved as (
    select
        *,
        case when {{ is_reached('promotion_date') }} then promoted_level else level end as last_level,
        -- the latest move that the employee lives to see leads to the last combination
        coalesce(
            {%- for slot in slots | reverse %}
            case when {{ is_reached('known_' ~ slot ~ '_date') }} then known_{{ slot }}_combination_id end,
            {%- endfor %}
            {%- if uses('transfer') %}
            case when {{ is_reached('transfer_date') }} then transfer_combination_id end,
            {%- endif %}
            combination_id
        ) as last_combination_id
    from settled
)

select
    moved.* exclude (hire_date, level, combination_id),
    members.segment as last_segment
from moved
inner join {{ ref('stg_segment_members') }} as members
    on
        moved.scenario_id = members.scenario_id
        and moved.last_combination_id = members.combination_id
        and moved.last_level = members.level
