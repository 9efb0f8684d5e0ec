{#
  Whether an employee of the opening workforce was hired in the elapsed part of a year whose beginning past lists show.
#}
{% macro is_known_hire(employee) -%}
  (control.has_actuals and {{ employee }}.hire_date >= control.fiscal_year_start)
{%- endmacro %}

{#
  Whether an employee leaves by the risk of the year of hire alone: in modes `exact` and `expected` the experienced
  turnover of a year with actuals is that of those who were there when it began.
#}
{% macro is_outside_quota(employee) -%}
  (parameters.mode <> 'rates' and {{ is_known_hire(employee) }})
{%- endmacro %}

{#
  How many of a pool's opening headcount leave by its rate: R(N rate), or what is left of the whole year's if it is known
  how many have left before the opening date. `pools` has the columns of int_termination_pools.
#}
{% macro terminations_due(headcount, pools='pools') -%}
  case
      when {{ pools }}.yearly_terminations is null
          then {{ round_half_up(headcount ~ ' * ' ~ pools ~ '.termination_rate') }}
      else greatest(0, {{ round_half_up(pools ~ '.yearly_terminations') }} - {{ pools }}.past_terminations)
  end
{%- endmacro %}
