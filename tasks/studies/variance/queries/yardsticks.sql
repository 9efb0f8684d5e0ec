-- What each cell is measured against, of `persons_r` people: the budget's own cell; where the budget has nobody in it,
-- its people of the same level at the start and the same kind in all places; where it has none of those either, the
-- forecast's own cell, which then explains nothing. Grain: that of cells.
with pooled as (
    select
        *,
        sum(persons_b) over pool as pool_persons,
        sum(start_fte_b) over pool as pool_start_fte,
        sum(start_pay_b) over pool as pool_start_pay,
        sum(base_b) over pool as pool_base,
        sum(base_fte_b) over pool as pool_base_fte,
        sum(paid_b) over pool as pool_paid,
        sum(pay_money_b) over pool as pool_pay_money,
        sum(money_b) over pool as pool_money,
        case when persons_b > 0 then 'own' when pool_persons > 0 then 'pool' else 'forecast' end as reference
    from cells
    window pool as (partition by bridge, month, part, start_level, kind)
)

select
    * exclude (
        start_fte_b, start_pay_b, base_b, base_fte_b, paid_b, pay_money_b,
        pool_persons, pool_start_fte, pool_start_pay, pool_base, pool_base_fte, pool_paid, pool_pay_money, pool_money,
        reference
    ),
    case reference when 'own' then persons_b when 'pool' then pool_persons else persons_f end as persons_r,
    case reference when 'own' then start_fte_b when 'pool' then pool_start_fte else start_fte_f end as start_fte_r,
    case reference when 'own' then start_pay_b when 'pool' then pool_start_pay else start_pay_f end as start_pay_r,
    case reference when 'own' then base_b when 'pool' then pool_base else base_f end as base_r,
    case reference when 'own' then base_fte_b when 'pool' then pool_base_fte else base_fte_f end as base_fte_r,
    case reference when 'own' then paid_b when 'pool' then pool_paid else paid_f end as paid_r,
    case reference when 'own' then pay_money_b when 'pool' then pool_pay_money else pay_money_f end as pay_money_r,
    case reference when 'own' then money_b when 'pool' then pool_money else pay_money_f + unit_money_f end as money_r
from pooled
