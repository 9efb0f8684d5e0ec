{#
  The kinds of change that an employee can have in a year: the one list from which ranks, pay, events, spells and
  counts are made. Each kind is a model that adds its columns to every employee of the year; `{name}_date` is null where
  the change does not happen.

    name          prefix of its columns
    model         the model that adds them; the models read each other in the order of the list
    type          event type, as SQL
    day_order     place among the changes of one day (day_orders), as SQL
    salary        annual pay after the change, as SQL; § stands for the pay before it
    level, fte, combination_id  the new value, as SQL; null or absent: unchanged
    only_raises   true: no event if pay does not rise

  A known change (transfer, raise, fte) takes one of the numbered slots of int_known_changes.

  Kinds that a run does not use are left out, which makes its statements shorter: tasks/warehouse/changes.py sets
  WORKFORCE_CHANGES, the names of those that it uses, with `known_hire` if a known action hires somebody.
#}
{% macro all_change_kinds() %}
  {%- set kinds = [
    {
      'name': 'promotion', 'model': 'int_planned_changes', 'type': "'promotion'", 'day_order': day_orders().promotion,
      'level': 'promoted_level',
      'salary': "coalesce(promotion_salary, promotion_pay, greatest(" ~ times_rate('§', '1 + promotion_raise') ~ ", promotion_floor))",
    },
    {
      'name': 'transfer', 'model': 'int_planned_changes', 'type': "'transfer'", 'day_order': day_orders().transfer,
      'combination_id': 'transfer_combination_id',
    },
  ] -%}
  {%- for slot in range(1, most_known_changes() + 1) %}
    {%- set known = 'known_' ~ slot %}
    {%- do kinds.append({
      'name': known, 'model': 'int_planned_changes', 'type': known ~ '_type', 'day_order': known ~ '_day_order',
      'fte': known ~ '_fte', 'combination_id': known ~ '_combination_id',
      'salary': "case " ~ known ~ "_type when 'raise' then coalesce(" ~ known ~ "_salary, "
        ~ times_rate(known ~ '_full_time_salary', known ~ '_fte_before') ~ ") when 'fte' then "
        ~ pay_at_fte('§', known ~ '_fte', known ~ '_fte_before') ~ " else § end",
    }) %}
  {%- endfor %}
  {%- do kinds.extend([
    {
      'name': 'cola', 'model': 'int_colas', 'type': "'cola'", 'day_order': day_orders().cola,
      'salary': times_rate('§', '1 + cola_rate'),
    },
    {
      'name': 'adjustment', 'model': 'int_adjustments', 'type': "'adjustment'", 'day_order': day_orders().adjustment,
      'only_raises': true, 'salary': 'greatest(§, adjustment_floor)',
    },
    {'name': 'merit', 'model': 'int_merits', 'type': "'merit'", 'day_order': day_orders().merit, 'salary': merit_pay('§')},
  ]) -%}
  {{- return(kinds) -}}
{% endmacro %}

{# The order of the types of change within a day. #}
{% macro day_orders() -%}
  {{- return({
    'transfer': 1, 'fte': 2, 'adjustment': 3, 'cola': 4, 'promotion': 5, 'merit': 6, 'raise': 7,
  }) -}}
{%- endmacro %}

{# The kinds that the run uses. #}
{% macro change_kinds() %}
  {%- set kinds = [] -%}
  {%- for kind in all_change_kinds() if uses(kind.name) %}{% do kinds.append(kind) %}{% endfor -%}
  {{- return(kinds) -}}
{% endmacro %}

{# Whether the run uses a kind of change; without the variable, all are used. #}
{% macro uses(kind) -%}
  {%- set named = env_var('WORKFORCE_CHANGES', '').split() -%}
  {{- return(not named or kind in named) -}}
{%- endmacro %}

{# The model that a model of changes reads: the one before it in the list; without a name, the last one. #}
{% macro changes_before(model=none) %}
  {%- set found = namespace(before='int_year_workforce', reached=false) -%}
  {%- for kind in all_change_kinds() -%}
    {%- if kind.model == model %}{% set found.reached = true %}{% endif -%}
    {%- if not found.reached -%}
      {#- dbt is to know each model that may be the one before, whatever a run uses -#}
      {%- do ref(kind.model) -%}
      {%- if uses(kind.name) %}{% set found.before = kind.model %}{% endif -%}
    {%- endif -%}
  {%- endfor -%}
  {{- return(found.before) -}}
{% endmacro %}

{# The id of the nth person that a known hire brings, unless the action names one. #}
{% macro known_hire_id(action, nth) -%}
  coalesce({{ action }}.employee_id, concat('H', {{ action }}.simulation_year, '-', {{ action }}.action_id, '-', {{ nth }}))
{%- endmacro %}

{# Known changes of one employee in one year that there is room for; tasks/plan refuses more. #}
{% macro most_known_changes() %}{{ return(4) }}{% endmacro %}

{# The slots of known changes in this run: as many as an employee has of them in a year. #}
{% macro known_change_slots() %}
  {%- set used = namespace(slots=0) -%}
  {%- for slot in range(1, most_known_changes() + 1) if uses('known_' ~ slot) %}{% set used.slots = slot %}{% endfor -%}
  {{- return(used.slots) -}}
{% endmacro %}

{# The most changes that an employee can have in a year. #}
{% macro change_slots() %}{{ return(change_kinds() | length) }}{% endmacro %}

{# Whether a change of a date reaches an employee: employed on the day, and not on the last day. #}
{% macro is_reached(date, employee='') -%}
  {%- set of = employee ~ '.' if employee else '' -%}
  ({{ of }}hire_date <= {{ date }} and ({{ of }}termination_date is null or {{ date }} < {{ of }}termination_date))
{%- endmacro %}

{# The same of a change that decides in which segment an employee ends the year: those reduced on that day leave after it. #}
{% macro is_settled(date, employee='') -%}
  {%- set of = employee ~ '.' if employee else '' -%}
  ({{ is_reached(date, employee) }} or ({{ date }} = {{ of }}termination_date and {{ of }}termination_reason = 'reduction_in_force'))
{%- endmacro %}

{# Join condition: an effective date is the one on which an employee's raise of this type falls. #}
{% macro falls_on_date(raise, employee, dates) -%}
  {%- set date_draw = draw(raise ~ '_date', employee ~ '.draw_key', employee ~ '.employee_id') -%}
  case
      -- with one date there is nothing to draw
      when {{ dates }}.date_count > 1
          then {{ date_draw }} >= {{ dates }}.share_from and {{ date_draw }} < {{ dates }}.share_to
      else true
  end
{%- endmacro %}

{# The level that an employee holds when a change of a type takes effect on a date. Of the changes of the same day, those
   before it in the day's order count. #}
{% macro level_on(date, type, employee) -%}
  case
      when {{ employee }}.promotion_date {{ '<=' if day_orders()[type] > day_orders().promotion else '<' }} {{ date }} then {{ employee }}.promoted_level
      else {{ employee }}.level
  end
{%- endmacro %}

{# The FTE of an employee after the known changes of a date, which come before all changes that depend on it. #}
{% macro fte_on(date) -%}
  {%- if known_change_slots() == 0 -%}
  fte
  {%- else -%}
  coalesce(
      {%- for slot in range(known_change_slots(), 0, -1) %}
      case when known_{{ slot }}_date <= {{ date }} then known_{{ slot }}_fte end,
      {%- endfor %}
      fte
  )
  {%- endif -%}
{%- endmacro %}

{#
  The columns `{name}_rank`: the place of each change among the changes of the employee's year, from 1; null where it
  does not happen. Changes are ordered by date, then by the order within a day, then as in the list.
#}
{% macro change_keys() %}
  {%- for kind in change_kinds() %}
  (({{ kind.name }}_date - year_start) * 8 + {{ kind.day_order }}) * 16 + {{ loop.index }} as {{ kind.name }}_key{{ ',' if not loop.last }}
  {%- endfor %}
{% endmacro %}

{% macro change_ranks() %}
  {%- set kinds = change_kinds() %}
  {%- for kind in kinds %}
  case
      when {{ kind.name }}_key is not null
          then 1
          {%- for other in kinds if other.name != kind.name %}
          + coalesce(cast({{ other.name }}_key < {{ kind.name }}_key as integer), 0)
          {%- endfor %}
  end as {{ kind.name }}_rank{{ ',' if not loop.last }}
  {%- endfor %}
{% endmacro %}

{# Annual pay after the change of place `step`, from the pay before it. #}
{% macro salary_after(step, leave_out=none) -%}
  {%- set before = 'salary_' ~ (step - 1) -%}
  case
      {%- for kind in change_kinds() if kind.salary and kind.name != leave_out %}
      when {{ kind.name }}_rank = {{ step }} then {{ kind.salary | replace('§', before) }}
      {%- endfor %}
      else {{ before }}
  end
{%- endmacro %}

{# `level`, `fte` or `combination_id` after the change of place `step` of an employee of int_year_changes or int_year_pay. Kinds
   that set the same one come in the list in the order in which they happen. #}
{% macro state_after(state, step) -%}
  {%- set kinds = change_kinds() | selectattr(state, 'defined') | list if step else [] -%}
  {%- if kinds -%}
  coalesce(
      {%- for kind in kinds | reverse %}
      case when {{ kind.name }}_rank <= {{ step }} then {{ kind[state] }} end,
      {%- endfor %}
      opening_{{ state }}
  )
  {%- else -%}
  opening_{{ state }}
  {%- endif -%}
{%- endmacro %}

{# The columns of int_year_changes from which `state_after` and `change_at` read. #}
{% macro columns_of_changes() %}
  {%- for kind in change_kinds() %}
  {{ kind.name }}_rank,
  {{ kind.name }}_date,
  {%- for state in ['level', 'fte', 'combination_id'] if kind[state] %}
  {{ kind[state] }},
  {%- endfor %}
  {%- if kind.name.startswith('known_') %}
  {{ kind.type }},
  {{ kind.name }}_fte_before,
  {%- endif %}
  {%- endfor %}
{%- endmacro %}

{#
  The CTEs `{prefix}_1`, `{prefix}_2`, … over `rows`, which has ranks and salary_0: each adds the pay after one change.
  With `stop`, the changes from that kind on are left out, so that the last step has the pay before it.
#}
{% macro fold_pay(rows, prefix, stop=none) %}
  {%- for step in range(1, change_slots() + 1) %}
{{ prefix }}_{{ step }} as not materialized (
    select
        *,
        {% if stop -%}
        case
            when {{ stop }}_rank <= {{ step }} then salary_{{ step - 1 }}
            else {{ salary_after(step, stop) }}
        end
        {%- else -%}
        {{ salary_after(step) }}
        {%- endif %} as salary_{{ step }}
    from {{ rows if loop.first else prefix ~ '_' ~ (step - 1) }}
){{ ',' if not loop.last }}
  {%- endfor %}
{% endmacro %}

{# How many changes an employee has in the year. #}
{% macro changes_made() -%}
  {%- for kind in change_kinds() %}
  {{ '+ ' if not loop.first }}cast({{ kind.name }}_rank is not null as integer)
  {%- endfor %}
{%- endmacro %}

{# The event type or the date of the change of place `step` of an employee of int_year_pay; null without one. #}
{% macro change_at(what, step) -%}
  case
      {%- for kind in change_kinds() %}
      when {{ kind.name }}_rank = {{ step }} then {{ kind.type if what == 'type' else kind.name ~ '_date' }}
      {%- endfor %}
  end
{%- endmacro %}

{# The place of a change that must raise pay and does not; null if there is none. #}
{% macro change_without_effect() -%}
  {%- set kinds = change_kinds() | selectattr('only_raises', 'defined') | list -%}
  {%- if kinds -%}
  case
      {%- for kind in kinds %}
      {%- for step in range(1, change_slots() + 1) %}
      when {{ kind.name }}_rank = {{ step }} and salary_{{ step }} <= salary_{{ step - 1 }} then {{ step }}
      {%- endfor %}
      {%- endfor %}
  end
  {%- else -%}
  cast(null as integer)
  {%- endif -%}
{%- endmacro %}

{# How often an employee had an event of the type of place `step`, this one included. Only known changes can come twice. #}
{% macro nth_of_type(step) -%}
  {%- if known_change_slots() == 0 -%}
  1
  {%- else -%}
  1
  {%- for earlier in range(1, step) %}
  + cast(coalesce({{ change_at('type', earlier) }} = {{ change_at('type', step) }}, false) as integer)
  {%- endfor %}
  {%- endif -%}
{%- endmacro %}

{# How many employees of int_year_pay had an event of a type; an aggregate. #}
{% macro count_of_changes(type) -%}
  cast(0 as bigint)
  {%- for kind in change_kinds() %}
  {%- if kind.type == "'" ~ type ~ "'" %} + count({{ kind.name }}_rank)
  {%- if kind.only_raises %} - count(idle_step){% endif %}
  {%- elif kind.name.startswith('known_') %}
  + count({{ kind.name }}_rank) filter (where {{ kind.type }} = '{{ type }}')
  {%- endif %}
  {%- endfor %}
{%- endmacro %}
