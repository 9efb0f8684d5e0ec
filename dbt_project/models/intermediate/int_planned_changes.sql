-- Everyone employed in the year with those promotions, transfers and known changes that they are employed for, and
-- what a promotion does to pay. Grain: path and employee.
-- noqa: disable=LT02
with employed as (
    select * from {{ ref(changes_before('int_planned_changes')) }}
),

reached as (
    select * replace (
        case when {{ is_settled('promotion_date') }} then promotion_date end as promotion_date
        {%- if uses('transfer') %},
        case when {{ is_settled('transfer_date') }} then transfer_date end as transfer_date
        {%- endif %}
        {%- for slot in range(1, known_change_slots() + 1) %},
        case when {{ is_settled('known_' ~ slot ~ '_date') }} then known_{{ slot }}_date end as known_{{ slot }}_date
        {%- endfor %}
    )
    from employed
)

select
    reached.*,
    case
        when reached.promotion_date is not null
            then
                parameters.promotion_raise_min
                + cast({{ draw('promotion_raise') }} as decimal(7, 6))
                * (parameters.promotion_raise_max - parameters.promotion_raise_min)
    end as promotion_raise,
    {{ times_rate('reached.promotion_full_time_salary', fte_on('promotion_date')) }} as promotion_pay,
    {{ times_rate('levels.min_salary', fte_on('promotion_date')) }} as promotion_floor
from reached
inner join {{ ref('stg_parameters') }} as parameters on reached.scenario_id = parameters.scenario_id
left join {{ ref('stg_levels') }} as levels
    on reached.scenario_id = levels.scenario_id and reached.promoted_level = levels.level
