{# Pay with the merit raise: pay x weight x the raise of weight 1, half up to the cent (int_year_pay). #}
{% macro merit_pay(salary) -%}
  cast(
      {{ salary }} + {{ round_to_cents(
          'cast(' ~ salary ~ ' as double) * merit_weight * coalesce(raise_per_weight, 0)'
      ) }} as decimal(14, 2)
  )
{%- endmacro %}

{# Pay in proportion to an FTE: pay x new / old, half up to the cent, in whole numbers, so exact. #}
{% macro pay_at_fte(salary, new_fte, old_fte) -%}
  {%- set old = 'cast(' ~ old_fte ~ ' * 1000000 as hugeint)' -%}
  {%- set new = 'cast(' ~ new_fte ~ ' * 1000000 as hugeint)' -%}
  cast(
      cast((2 * {{ cents(salary) }} * {{ new }} + {{ old }}) // (2 * {{ old }}) as bigint) / 100.0 as decimal(14, 2)
  )
{%- endmacro %}

{# Cents earned to the end of a day of the year (numbered from 1): each salary of the year x its days, not yet
   divided by the days in the year. `salary_0` is paid from `first_day`, later ones from the day of their change. #}
{% macro cent_days_to(day) -%}
  cents_0 * greatest({{ day }} - unpaid_days_0, 0)
  {%- for step in range(1, change_slots() + 1) %}
  + cents_{{ step }} * greatest({{ day }} - unpaid_days_{{ step }}, 0)
  {%- endfor %}
{%- endmacro %}
