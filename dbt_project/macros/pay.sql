{# What a raise of int_year_pay (`cola`, `promotion` or `merit`) adds to annual pay, in cents; 0 if it does not apply. #}
{% macro raise_cents(raise) -%}
  case when has_{{ raise }} then {{ cents('(salary_after_' ~ raise ~ ' - salary_before_' ~ raise ~ ')') }} else 0 end
{%- endmacro %}
