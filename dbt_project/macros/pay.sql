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

{# Cents earned x days in the year to the end of a day of the year (numbered from 1), from the columns of
   int_month_profiles: what is paid more from each change on, for the days after its unpaid days. #}
{% macro cent_days_to(day) -%}
  cents_0 * greatest({{ day }} - unpaid_days_0, 0)
  {%- for step in range(1, change_slots() + 1) %}
  + cents_{{ step }} * greatest({{ day }} - unpaid_days_{{ step }}, 0)
  {%- endfor %}
{%- endmacro %}

{# Cents earned x days in the year by an employee of int_year_pay up to `last_date`: the opening pay for all days employed,
   and what each change adds to it for the days from its date. #}
{% macro cent_days(last_date) -%}
  {{ cents('salary_0') }} * ({{ last_date }} - greatest(hire_date, year_start) + 1)
  {%- for step in range(1, change_slots() + 1) %}
  + coalesce({{ cents('(salary_' ~ step ~ ' - salary_' ~ (step - 1) ~ ')') }} * ({{ last_date }} - {{ change_at('date', step) }} + 1), 0)
  {%- endfor %}
{%- endmacro %}

{# FTE x days of an employee of int_year_pay up to `last_date`. #}
{% macro fte_days(last_date) -%}
  opening_fte * ({{ last_date }} - greatest(hire_date, year_start) + 1)
  {%- for kind in change_kinds() if kind.fte %}
  + coalesce(({{ kind.fte }} - {{ kind.name }}_fte_before) * ({{ last_date }} - {{ kind.name }}_date + 1), 0)
  {%- endfor %}
{%- endmacro %}
