{#
  Two materialisations that execute one statement each and compile to the same SQL every year.
  (dbt's incremental materialisation compiles to other SQL once the table exists, and copies every row
  through a temporary table.)
#}

{% macro create_year_relation(relation, sql) %}
  {%- if config.get('contract').enforced %}
  {{ get_assert_columns_equivalent(sql) }}
  create or replace table {{ relation }} {{ get_table_columns_and_constraints() }};
  {%- else %}
  create or replace table {{ relation }} as select * from ({{ sql }}) limit 0;
  {%- endif %}
{% endmacro %}

{% macro drop_unless(type, relation) %}
  {%- if relation is not none and relation.type != type %}{% do adapter.drop_relation(relation) %}{% endif -%}
{% endmacro %}

{# Rows of one year, replaced by the next year's. #}
{% materialization year_table, adapter='duckdb' %}
  {%- set target = this.incorporate(type='table') -%}
  {% do drop_unless('table', load_cached_relation(this)) %}
  {{ run_hooks(pre_hooks) }}
  {% call statement('main') -%}
    create or replace table {{ target }} as {{ sql }}
  {%- endcall %}
  {{ run_hooks(post_hooks) }}
  {% do adapter.commit() %}
  {{ return({'relations': [target]}) }}
{% endmaterialization %}

{# Rows that are kept: the year under simulation is added, earlier years are not changed. #}
{% materialization year_append, adapter='duckdb' %}
  {%- set existing = load_cached_relation(this) -%}
  {%- set target = this.incorporate(type='table') -%}
  {% do drop_unless('table', existing) %}
  {{ run_hooks(pre_hooks) }}
  {% if existing is none or not existing.is_table %}
    {% call statement('create') -%}{{ create_year_relation(target, sql) }}{%- endcall %}
  {% endif %}
  {% call statement('main') -%}
    insert into {{ target }} by name {{ sql }}
  {%- endcall %}
  {{ run_hooks(post_hooks) }}
  {% do adapter.commit() %}
  {{ return({'relations': [target]}) }}
{% endmaterialization %}

{#
  Creates an empty table with the columns of a model's contract. The opening workforce reads last year's rows of
  a table that is built later in the same year. No ref can express that, so in the first year it does not exist.
#}
{% macro create_empty_if_absent(model_name) %}
  {%- if execute %}
  {%- set node = graph.nodes['model.' ~ project_name ~ '.' ~ model_name] %}
  create table if not exists {{ node.relation_name }} (
    {%- for column in node.columns.values() %}
    {{ column.name }} {{ column.data_type }}{{ ',' if not loop.last }}
    {%- endfor %}
  )
  {%- endif %}
{% endmacro %}

{# A view by one statement. dbt's own materialisation creates a second view, renames twice and drops, which takes three
   times as long. Only hooks need begin and commit; without them the statements of a first build take 2.5 s, not 3.2 s. #}
{% materialization view, adapter='duckdb' %}
  {%- set target = this.incorporate(type='view') -%}
  {% do drop_unless('view', load_cached_relation(this)) %}
  {{ run_hooks(pre_hooks) }}
  {% call statement('main', auto_begin=False) -%}
    {%- if config.get('contract').enforced %}{{ get_assert_columns_equivalent(sql) }}{% endif %}
    create or replace view {{ target }} as {{ sql }}
  {%- endcall %}
  {{ run_hooks(post_hooks) }}
  {% if pre_hooks or post_hooks %}{% do adapter.commit() %}{% endif %}
  {{ return({'relations': [target]}) }}
{% endmaterialization %}
