{# One row per expression that is false or null for some row. #}
{% macro broken_expressions(rows, expressions) -%}
with counted as (
    select
        {%- for expression in expressions %}
        count_if(({{ expression }}) is not true) as broken_{{ loop.index }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ rows }}
)
{% for expression in expressions %}
select
    '{{ expression | replace("'", "''") }}' as expression,
    broken_{{ loop.index }} as rows_broken
from counted
where broken_{{ loop.index }} > 0
{{ 'union all' if not loop.last }}
{%- endfor %}
{%- endmacro %}

{# A model's rows of the year under simulation. #}
{% macro rows_this_year(model) -%}
(select * from {{ model }} where simulation_year = (select simulation_year from {{ ref('stg_control') }}))
{%- endmacro %}
