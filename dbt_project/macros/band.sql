{# The join condition that puts a completed number of years into its band [lower, upper). #}
{% macro in_band(value, band) -%}
  {{ value }} >= {{ band }}.lower_bound and ({{ band }}.upper_bound is null or {{ value }} < {{ band }}.upper_bound)
{%- endmacro %}
