-- The opening workforce with what is settled before hires and reductions: the last day of experienced leavers, the
-- promotion, transfers and known changes that each gets if employed on the date, and the segment to which they lead.
{{ config(materialized='year_table', tags=['year']) }}

{%- set slots = range(1, known_change_slots() + 1) %}
with promotions as (
    select * from {{ ref('int_promotions') }}
),

transfers as (
    select * from {{ ref('int_transfers') }}
),

known as (
    select * from {{ ref('int_known_changes') }}
),

moved as (
    select
        promotions.*,
        {%- if uses('transfer') %}
        transfers.* exclude (scenario_id, replicate, employee_id),
        {%- endif %}
        {%- if slots %}
        known.* exclude (scenario_id, replicate, employee_id, has_known_transfer),
        {%- endif %}
        case when promotions.is_reached_by_promotion then promotions.promoted_level else promotions.level end as last_level,
        -- the latest move that the employee lives to see leads to the last combination
        coalesce(
            {%- for slot in slots | reverse %}
            case when {{ is_reached('known.known_' ~ slot ~ '_date', 'promotions') }} then known.known_{{ slot }}_combination_id end,
            {%- endfor %}
            {%- if uses('transfer') %}
            case when {{ is_reached('transfers.transfer_date', 'promotions') }} then transfers.transfer_combination_id end,
            {%- endif %}
            promotions.combination_id
        ) as last_combination_id
    from promotions
    {%- if uses('transfer') %}
    left join transfers
        on
            promotions.scenario_id = transfers.scenario_id
            and promotions.replicate = transfers.replicate
            and promotions.employee_id = transfers.employee_id
    {%- endif %}
    {%- if slots %}
    left join known
        on
            promotions.scenario_id = known.scenario_id
            and promotions.replicate = known.replicate
            and promotions.employee_id = known.employee_id
    {%- endif %}
)

select
    moved.*,
    members.segment as last_segment
from moved
inner join {{ ref('stg_segment_members') }} as members
    on
        moved.scenario_id = members.scenario_id
        and moved.last_combination_id = members.combination_id
        and moved.last_level = members.level
