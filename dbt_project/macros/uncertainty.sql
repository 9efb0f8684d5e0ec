{#
  A standard normal draw of a replicate (Box and Muller 1958), from two uniform draws of the stream whose names end in
  `|1` and `|2`. `draw_key` has no scenario: all scenarios have the same parameters and year effects.
#}
{% macro normal_draw(stream, draw_key, name) -%}
  (
    sqrt(-2 * ln(1 - {{ draw(stream, draw_key, "concat(" ~ name ~ ", '|1')") }}))
    * cos(2 * pi() * {{ draw(stream, draw_key, "concat(" ~ name ~ ", '|2')") }})
  )
{%- endmacro %}

{# What starts the text that a replicate's parameters and year effects are drawn from; people's draws have a year too. #}
{% macro replicate_key(replicate, control='control') -%}
  concat({{ control }}.random_seed, '|', {{ replicate }}, '|')
{%- endmacro %}

{#
  The replicate whose parameters and hazards apply to a row: 0, the same for all, where assumptions are certain. The
  query needs a CTE `control` (stg_control).
#}
{% macro parameter_replicate(rows) -%}
  case when control.is_uncertain then {{ rows }}.replicate else 0 end
{%- endmacro %}

{# A rate times exp(effect), at most `most`; exactly the rate where the effect is 0. #}
{% macro varied_rate(rate, effect, most='1') -%}
  case
      when {{ effect }} = 0 then {{ rate }}
      else cast(least({{ most }}, cast({{ rate }} as double) * exp({{ effect }})) as decimal(18, 12))
  end
{%- endmacro %}

{# A raise r whose log(1 + r) has the effect, within bounds; exactly r where the effect is 0. #}
{% macro varied_raise(rate, effect, least, most) -%}
  case
      when {{ effect }} = 0 then {{ rate }}
      else
          cast(
              least({{ most }}, greatest({{ least }}, (1 + cast({{ rate }} as double)) * exp({{ effect }}) - 1))
              as decimal(9, 6)
          )
  end
{%- endmacro %}
