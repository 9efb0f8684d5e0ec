{# The first day of a fiscal year, from the columns of inputs.run_control. #}
{% macro fiscal_year_start(year) -%}
  make_date({{ year }} - case when is_calendar_year then 0 else 1 end, fiscal_month, fiscal_day)
{%- endmacro %}

{# The fiscal year of a date. The query needs a CTE or join `control` (stg_control), as those below. #}
{% macro fiscal_year_of(date) -%}
  (
      year({{ date }})
      + case
          when control.is_calendar_year then 0
          when month({{ date }}) * 100 + day({{ date }}) >= control.fiscal_month * 100 + control.fiscal_day then 1
          else 0
      end
  )
{%- endmacro %}

{# The number of the fiscal month, 1 to 12, of a date. A fiscal month begins on the day fiscal_day of each month. #}
{% macro fiscal_month_of(date) -%}
  (month({{ date }} - (control.fiscal_day - 1)) - control.fiscal_month + 12) % 12 + 1
{%- endmacro %}

{# The date of a month and day that falls in the fiscal year under simulation. #}
{% macro date_in_fiscal_year(month, day) -%}
  make_date(
      year(control.fiscal_year_start)
      + case
          when {{ month }} * 100 + {{ day }} < control.fiscal_month * 100 + control.fiscal_day then 1 else 0
      end,
      {{ month }},
      {{ day }}
  )
{%- endmacro %}

{# A yearly probability in the simulated part f of the year: 1 - (1 - q)^f; exactly q in a whole year. #}
{% macro in_part_of_year(probability, fraction='control.year_fraction') -%}
  case
      when {{ fraction }} = 1 then {{ probability }}
      else cast(1 - pow(1 - cast({{ probability }} as double), {{ fraction }}) as decimal(18, 12))
  end
{%- endmacro %}

{# A year's growth in the simulated part f of the year: (1 + g)^f - 1; exactly g in a whole year. #}
{% macro growth_in_part_of_year(growth, fraction='control.year_fraction') -%}
  case
      when {{ fraction }} = 1 then {{ growth }}
      else cast(pow(1 + cast({{ growth }} as double), {{ fraction }}) - 1 as decimal(18, 12))
  end
{%- endmacro %}

{# The first day of the last month of the fiscal year under simulation. #}
{% macro last_month() -%}
  (select cast(fiscal_year_start + to_months(11) as date) from {{ ref('stg_control') }})
{%- endmacro %}
