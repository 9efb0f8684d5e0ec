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

{#
  The CTEs `with_bonus` and `loaded`: months with the columns of int_month_movements, and their cost by the rates of
  their scenario and level (columns of inputs.cost_rates).
#}
{% macro loaded_cost_of(months, rates) -%}
with_bonus as (
    select
        months.*,
        rates.* exclude (scenario_id, level),
        {{ cost_cents('months.salary_cents', 'rates.bonus_rate') }} as bonus_cents
    from {{ months }} as months
    inner join {{ rates }} as rates on months.scenario_id = rates.scenario_id and months.level = rates.level
),

loaded as (
    select
        *,
        salary_cents + bonus_cents as taxed_cents,
        {{ cost_cents('salary_cents', 'benefits_rate', 'employee_days', 'benefits_amount', 'days_in_year') }}
            as benefits_cents,
        {{ cost_cents('taxed_cents', 'payroll_tax_rate', 'employee_days', 'payroll_tax_amount', 'days_in_year') }}
            as payroll_tax_cents,
        {{ cost_cents('hired_cents', 'recruiting_rate', 'hires', 'recruiting_amount') }} as recruiting_cents,
        {{ cost_cents('reduced_cents', 'severance_rate', 'reductions', 'severance_amount') }} as severance_cents,
        taxed_cents + benefits_cents + payroll_tax_cents + recruiting_cents + severance_cents as loaded_cents
    from with_bonus
)
{%- endmacro %}

{# The columns of a month, level and combination from the CTE `loaded`. #}
{% macro columns_of_months() -%}
    month,
    level,
    combination_id,
    headcount,
    cast(fte as decimal(18, 6)) as fte,
    hires,
    leavers,
    experienced_terminations,
    new_hire_terminations,
    reductions,
    transfers_in,
    transfers_out,
    employee_days,
    {%- for part in ['salary', 'bonus', 'benefits', 'payroll_tax', 'recruiting', 'severance', 'loaded'] %}
    cast({{ part }}_cents / 100.0 as decimal(18, 2)) as {{ part }}_cost{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
