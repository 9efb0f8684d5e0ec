{# When an employee would leave in the exponential race: never at hazard 0. #}
{% macro race_time(draw, hazard) -%}
  case when {{ hazard }} > 0 then -ln(1 - {{ draw }}) / {{ hazard }} else cast('infinity' as double) end
{%- endmacro %}
