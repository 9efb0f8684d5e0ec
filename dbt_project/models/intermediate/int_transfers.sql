-- Random transfers of the year: employees whose draw is below the transfer hazard, with date and new combination of
-- dimensions. Who has a known transfer in the year gets no random one. Grain: path and employee.
with exposure as (
    select * from {{ ref('int_exposure') }}
),

odds as (
    select * from {{ ref('int_transfer_odds') }}
),

control as (
    select * from {{ ref('stg_control') }}
),

drawn as (
    select
        exposure.scenario_id,
        exposure.replicate,
        exposure.employee_id,
        exposure.combination_id,
        control.year_start
        + cast(
            floor(
                {{ draw('transfer_date', 'exposure.draw_key', 'exposure.employee_id') }}
                * (control.year_end - control.year_start)
            ) as integer
        ) as transfer_date,
        {{ draw('transfer_to', 'exposure.draw_key', 'exposure.employee_id') }} as destination_draw
    from exposure
    cross join control
    where exposure.transfer_draw < exposure.transfer_hazard
),

directed as (
    select
        drawn.*,
        odds.move_id
    from drawn
    inner join {{ ref('stg_dimension_values') }} as dimension_values
        on drawn.combination_id = dimension_values.combination_id
    inner join odds
        on
            drawn.scenario_id = odds.scenario_id
            and drawn.replicate = odds.replicate
            and dimension_values.dimension = odds.dimension
            and dimension_values.dimension_value is not distinct from odds.value_before
            and drawn.destination_draw * odds.total_weight >= odds.weight_from
            and drawn.destination_draw * odds.total_weight < odds.weight_to
)

select
    directed.scenario_id,
    directed.replicate,
    directed.employee_id,
    directed.transfer_date,
    moves.to_combination_id as transfer_combination_id
from directed
inner join {{ ref('stg_moves') }} as moves
    on directed.move_id = moves.move_id and directed.combination_id = moves.from_combination_id
{%- if known_change_slots() > 0 %}
left join {{ ref('int_known_changes') }} as known
    on
        directed.scenario_id = known.scenario_id
        and directed.replicate = known.replicate
        and directed.employee_id = known.employee_id
where known.has_known_transfer is not true
{%- endif %}
