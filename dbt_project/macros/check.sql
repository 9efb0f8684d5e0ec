{#
  One row per check over `rows`, which have a boolean column per check and scenario_id, replicate:
  the number of violations and of rows examined, the expected condition, and the first violations with the values found.
  `checks` are (check name, boolean column, expected condition, SQL text of the values found).
#}
{% macro check_rows(rows, checks) %}
{%- for name, holds, expected, found in checks %}
select
    '{{ name }}' as check_name,
    count(*) filter (where {{ holds }} is not true) as violations,
    count(*) as examined,
    '{{ expected }}' as expected,
    {{ sample(path_text() ~ ", ': ', " ~ found, holds ~ ' is not true', 'scenario_id, replicate') }} as at_fault
from {{ rows }}
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
{% endmacro %}

{# The first rows that meet a condition, as one text; null if none does. `text` are arguments of concat. #}
{% macro sample(text, condition, order, most=5) -%}
array_to_string(min_by(concat({{ text }}), ({{ order }}), {{ most }}) filter (where {{ condition }}), '; ')
{%- endmacro %}

{# Names a path within concat(). #}
{% macro path_text() -%}
'scenario ', scenario_id, ', replicate ', replicate
{%- endmacro %}

{# The checks of the census and the opening state; all other checks examine simulated years. #}
{% macro baseline_checks() -%}
'census_data_validation', 'baseline_workforce_validated', 'census_low_pay', 'census_high_pay', 'census_old_age',
'census_long_tenure', 'census_same_hire_date', 'census_newest_hire'
{%- endmacro %}
