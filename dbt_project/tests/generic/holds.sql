{#
  Every row satisfies every expression; null counts as false. All expressions share one
  pass over the rows, since a test costs dbt more than an expression costs DuckDB. Fails with one row
  per violated expression: its text, and the number of rows.
#}
{% test holds(model, expressions) %}
  {{ broken_expressions(model, expressions) }}
{% endtest %}

{# The same for the rows of the year under simulation alone, so that the cost of a year does not grow
   with the years before it. #}
{% test holds_this_year(model, expressions) %}
  {{ broken_expressions(rows_this_year(model), expressions) }}
{% endtest %}

{# No two rows of the year under simulation agree in all the columns. #}
{% test unique_this_year(model, columns) %}
select
    {{ columns | join(', ') }},
    count(*) as rows_found
from {{ rows_this_year(model) }}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}

{# Decimal shares sum to exactly 1 within each group that has any. #}
{% test sums_to_one(model, column, group_by) %}
select
    {{ group_by | join(', ') }},
    sum({{ column }}) as found
from {{ model }}
group by {{ group_by | join(', ') }}
having sum({{ column }}) != 1
{% endtest %}
