{#
  A cost in cents: pay (in cents) times a rate of six decimals, plus a count of persons times an amount,
  or of days times an amount per `per` days; half up, in whole numbers, so exact.
#}
{% macro cost_cents(pay_cents, rate, count='0', amount='0', per='1') -%}
  cast(
      (
          cast({{ pay_cents }} as hugeint) * (2 * cast({{ rate }} * 1000000 as bigint) * {{ per }})
          + cast({{ count }} as hugeint) * (2000000 * {{ cents(amount) }})
          + 1000000 * {{ per }}
      ) // (2000000 * {{ per }}) as bigint
  )
{%- endmacro %}
