{#
  A day of the window [first, last], both included, from a uniform draw. `months` is a list of the year's months with
  first_date, days, weight (of one day) and weight_before (of the days of the year before the month), or null: every
  day has the same weight. If no day of the window has weight, all have the same.
#}
{% macro day_in_season(first, last, draw, months) -%}
  case
      when {{ months }} is null or {{ weight_to(months, last) }} <= {{ weight_to(months, first ~ ' - 1') }}
          then {{ first }} + cast(floor({{ draw }} * ({{ last }} - {{ first }} + 1)) as integer)
      else coalesce(
          list_transform(
              list_filter(
                  list_transform({{ months }}, lambda m: {
                      'first_date': m.first_date, 'days': m.days, 'weight': m.weight,
                      'weight_left': {{ weight_to(months, first ~ ' - 1') }} + {{ draw }}
                          * ({{ weight_to(months, last) }} - {{ weight_to(months, first ~ ' - 1') }}) - m.weight_before
                  }),
                  lambda m: m.weight > 0 and m.weight_left < m.weight * m.days
              ),
              -- evaluated for later months as well, of which less than nothing is left
              lambda m: m.first_date + cast(greatest(0, least(m.days - 1, floor(m.weight_left / nullif(m.weight, 0)))) as integer)
          )[1], {{ last }}
      )
  end
{%- endmacro %}

{# The weight of the days from the start of the year to a date. #}
{% macro weight_to(months, date) -%}
  list_sum(list_transform({{ months }}, lambda d: d.weight * greatest(0, least({{ date }} - d.first_date + 1, d.days))))
{%- endmacro %}
