-- Everyone employed in the year with the raises they get: dates, and pay up to the merit raise.
-- COLA and merit go to employees who are employed on the date and were hired before the cut-off; no raise
-- takes effect on or after the last day employed. Within one day the order is COLA, promotion, merit.
-- Pay is computed in a fixed sequence of steps, of which an employee takes those that apply: COLA if before the
-- promotion, promotion, COLA if after the promotion; once before merit (here) and once after it (int_year_pay).
-- Longer than 80 lines: each place that a raise can take in the year's order is one step, and all share their inputs.
with everyone as (
    select * from {{ ref('int_year_workforce') }}
),

parameters as (
    select * from {{ ref('stg_parameters') }}
),

levels as (
    select * from {{ ref('stg_levels') }}
),

dates as (
    select * from {{ ref('stg_effective_dates') }}
),

{% for raise in ['cola', 'promotion', 'merit'] %}
{{ raise }}_dates as (
    select
        *,
        -- with one date there is nothing to draw
        date_count > 1 as is_spread
    from dates
    where raise_type = '{{ raise }}'
),

{% endfor %}
dated as (
    select
        everyone.*,
        parameters.cola_rate,
        everyone.hire_date < parameters.eligibility_cutoff as is_eligible,
        everyone.promotion_draw < everyone.promotion_hazard as is_drawn_for_promotion,
        {%- for raise in ['cola', 'promotion', 'merit'] %}
        {{ raise }}_dates.effective_date as {{ raise }}_date,
        {%- endfor %}
        next_levels.min_salary as promoted_min_salary,
        levels.merit_multiplier,
        next_levels.merit_multiplier as promoted_merit_multiplier,
        parameters.merit_spread,
        parameters.promotion_raise_min,
        parameters.promotion_raise_max
    from everyone
    inner join parameters on everyone.scenario_id = parameters.scenario_id
    inner join levels on everyone.scenario_id = levels.scenario_id and everyone.level = levels.level
    left join levels as next_levels
        on everyone.scenario_id = next_levels.scenario_id and everyone.level + 1 = next_levels.level
    {%- for raise in ['cola', 'promotion', 'merit'] %}
    {%- set date_draw = draw(raise ~ '_date', 'everyone.draw_key', 'everyone.employee_id') %}
    inner join {{ raise }}_dates
        on
            everyone.scenario_id = {{ raise }}_dates.scenario_id
            and case
                when {{ raise }}_dates.is_spread
                    then
                        {{ date_draw }} >= {{ raise }}_dates.share_from
                        and {{ date_draw }} < {{ raise }}_dates.share_to
                else true
            end
    {%- endfor %}
),

reached as (
    select
        *,
        {%- for raise, condition in [
            ('cola', 'is_eligible'), ('promotion', 'is_drawn_for_promotion'), ('merit', 'is_eligible')
        ] %}
        coalesce(
            {{ condition }}
            and hire_date <= {{ raise }}_date
            and (termination_date is null or {{ raise }}_date < termination_date), false
        ) as has_{{ raise }},
        {%- endfor %}
        cola_date <= promotion_date as cola_before_promotion,
        cola_date <= merit_date as cola_before_merit,
        promotion_date <= merit_date as promotion_before_merit
    from dated
),

drawn as (
    select
        *,
        case
            when has_promotion
                then
                    promotion_raise_min
                    + cast({{ draw('promotion_raise') }} as decimal(7, 6)) * (promotion_raise_max - promotion_raise_min)
        end as promotion_raise,
        case
            when has_merit
                then
                    cast(
                        cast(
                            case
                                when has_promotion and promotion_before_merit then promoted_merit_multiplier
                                else merit_multiplier
                            end as double
                        )
                        * (1 + cast(merit_spread as double) * (2 * {{ draw('merit') }} - 1))
                        as decimal(10, 6)
                    )
        end as merit_weight
    from reached
),

with_first_cola as (
    select
        * exclude (salary),
        salary as opening_salary,
        case
            when has_cola and cola_before_merit and cola_before_promotion
                then {{ times_rate('salary', '1 + cola_rate') }}
            else salary
        end as salary_with_first_cola
    from drawn
),

with_early_promotion as (
    select
        *,
        case
            when has_promotion and promotion_before_merit
                then greatest({{ times_rate('salary_with_first_cola', '1 + promotion_raise') }}, promoted_min_salary)
            else salary_with_first_cola
        end as salary_with_early_promotion
    from with_first_cola
)

select
    * exclude (
        draw_key,
        is_eligible,
        is_drawn_for_promotion,
        promotion_raise_min,
        promotion_raise_max,
        merit_multiplier,
        promoted_merit_multiplier,
        merit_spread
    ),
    case
        when has_cola and cola_before_merit and not cola_before_promotion
            then {{ times_rate('salary_with_early_promotion', '1 + cola_rate') }}
        else salary_with_early_promotion
    end as salary_before_merit
from with_early_promotion
