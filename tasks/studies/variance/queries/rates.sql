-- What pay costs: `rate` per unit of pay and `amount` per person-year (or hire, or person laid off). The payroll bridge
-- counts pay alone. A level that the budget lacks has the forecast's rates in both. Grain: side, bridge, part of the
-- cost and level.
with rates as (
    select
        *,
        'cost' as bridge
    from cost_rates
),

every as (
    select
        side,
        bridge,
        level,
        'pay' as part,
        1 + bonus_rate + benefits_rate + (1 + bonus_rate) * payroll_tax_rate as rate,
        benefits_amount + payroll_tax_amount as amount
    from rates
    union all
    select
        side,
        bridge,
        level,
        'recruiting' as part,
        recruiting_rate as rate,
        recruiting_amount as amount
    from rates
    union all
    select
        side,
        bridge,
        level,
        'severance' as part,
        severance_rate as rate,
        severance_amount as amount
    from rates
    union all
    select
        side,
        'payroll' as bridge,
        level,
        'pay' as part,
        1 as rate,
        0 as amount
    from rates
)

select
    own.*,
    coalesce(budget.rate, own.rate) as budget_rate,
    coalesce(budget.amount, own.amount) as budget_amount
from every as own
left join every as budget
    on
        budget.side = 'budget'
        and own.bridge = budget.bridge
        and own.level = budget.level
        and own.part = budget.part
