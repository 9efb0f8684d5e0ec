-- Employees of a path with the same levels, dimensions and months of hire, promotion and termination, and
-- their pay cumulated to the end of each month. There are few such profiles, so spreading them over the
-- months (int_month_movements) is cheap.
-- Days are numbered from 1 January. A salary, or what a raise adds to it (0 without a raise), costs
-- amount x (days - unpaid days) from the day after its unpaid days on.
with amounts as (
    select
        scenario_id,
        replicate,
        simulation_year,
        combination_id,
        opening_level,
        closing_level,
        case when is_hire then month(hire_date) end as hire_month,
        case when has_promotion then month(promotion_date) end as promotion_month,
        month(termination_date) as termination_month,
        termination_reason,
        days_in_year,
        days_in_year - 365 as leap_days,
        coalesce(termination_date - year_start + 1, days_in_year) as last_day,
        case when is_hire then hire_date - year_start else 0 end as opening_unpaid_days,
        case when has_cola then cola_date - year_start else 0 end as cola_unpaid_days,
        case when has_promotion then promotion_date - year_start else 0 end as promotion_unpaid_days,
        case when has_merit then merit_date - year_start else 0 end as merit_unpaid_days,
        {{ cents('opening_salary') }} as opening_cents,
        {{ raise_cents('cola') }} as cola_cents,
        {{ raise_cents('promotion') }} as promotion_cents,
        {{ raise_cents('merit') }} as merit_cents,
        {{ cents('salary') }} as closing_cents,
        opening_cents * opening_unpaid_days + cola_cents * cola_unpaid_days
        + promotion_cents * promotion_unpaid_days + merit_cents * merit_unpaid_days as unpaid_cent_days
    from {{ ref('int_year_pay') }}
),

cumulated as (
    select
        {%- for month_end in [31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365] %}
        {%- set month = loop.index %}
        least(last_day, {{ month_end }}{{ ' + leap_days' if month > 1 }}) as to_day_{{ month }},
        opening_cents * greatest(to_day_{{ month }}, opening_unpaid_days)
        + cola_cents * greatest(to_day_{{ month }}, cola_unpaid_days)
        + promotion_cents * greatest(to_day_{{ month }}, promotion_unpaid_days)
        + merit_cents * greatest(to_day_{{ month }}, merit_unpaid_days)
        - unpaid_cent_days as cent_days_{{ month }},
        {{ prorate('cent_days_' ~ month, 'days_in_year') }} as cents_to_{{ month }},
        {%- endfor %}
        *
    from amounts
)

select
    scenario_id,
    replicate,
    simulation_year,
    combination_id,
    opening_level,
    closing_level,
    hire_month,
    promotion_month,
    termination_month,
    termination_reason,
    count(*) as employees,
    cast(sum(opening_unpaid_days) as bigint) as days_before_hire,
    cast(sum(last_day) as bigint) as last_days,
    cast(sum(opening_cents) as bigint) as opening_cents,
    cast(sum(closing_cents) as bigint) as closing_cents,
    cast([
        {%- for month in range(1, 13) %}
        sum(cents_to_{{ month }}){{ ',' if not loop.last }}
        {%- endfor %}
    ] as bigint[]) as cents_to_month
from cumulated
group by all
