{# R(x) = floor(x + 0.5) of a DECIMAL or of a quotient of integers, as BIGINT. #}
{% macro round_half_up(x) -%}
  cast(floor({{ x }} + 0.5) as bigint)
{%- endmacro %}

{# An amount of money times a rate of at most six decimals, half up to the cent, exact:
   DECIMAL(14,2) x DECIMAL(9,6) stays within eighteen digits for amounts below 10^10. #}
{% macro times_rate(amount, rate) -%}
  cast(round({{ amount }} * cast({{ rate }} as decimal(9, 6)), 2) as decimal(14, 2))
{%- endmacro %}

{# Cents (or millionths of FTE) times days / days in the year, half up, in whole numbers, so exact. #}
{% macro prorate(cent_days, days_in_year) -%}
  ((2 * ({{ cent_days }}) + {{ days_in_year }}) // (2 * {{ days_in_year }}))
{%- endmacro %}

{# Years completed since a date on a day, never negative. An anniversary on the day counts as completed; that of
   29 February is 1 March in years without it. #}
{% macro completed_years(date, day) -%}
  cast(greatest(0, ({{ date_number(day) }} - {{ date_number(date) }}) // 10000) as integer)
{%- endmacro %}

{# A date as the number YYYYMMDD. #}
{% macro date_number(date) -%}
  (year({{ date }}) * 10000 + month({{ date }}) * 100 + day({{ date }}))
{%- endmacro %}

{% macro cents(amount) -%}
  cast({{ amount }} * 100 as bigint)
{%- endmacro %}

{% macro from_cents(amount) -%}
  cast({{ amount }} / 100.0 as decimal(14, 2))
{%- endmacro %}

{# A double amount of money, half up to the cent. #}
{% macro round_to_cents(amount) -%}
  cast(floor({{ amount }} * 100 + 0.5) / 100 as decimal(14, 2))
{%- endmacro %}

{# The percentile of a sorted list of doubles, linear between ranks; null for an empty list. Computed as the rank below
   plus a difference, so that equal numbers give exactly that number; the weighted sum of quantile_cont does not. #}
{% macro percentile(ranks, share) -%}
{%- set place = '(len(' ~ ranks ~ ') - 1) * ' ~ share -%}
{%- set below = ranks ~ '[1 + cast(floor(' ~ place ~ ') as integer)]' -%}
{{ below }} + ({{ place }} - floor({{ place }}))
    * ({{ ranks }}[1 + cast(ceil({{ place }}) as integer)] - {{ below }})
{%- endmacro %}
