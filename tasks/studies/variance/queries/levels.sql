-- The measures of both runs in money: at the run's own rates of cost, and at the budget's. Grain: side, bridge, month,
-- part, level at the start, level, place and kind.
select
    measures.*,
    rates.bridge,
    measures.paid * rates.rate + measures.units * rates.amount as money,
    measures.paid * rates.budget_rate as pay_money,
    measures.units * rates.budget_amount as unit_money
from measures
inner join rates
    on measures.side = rates.side and measures.part = rates.part and measures.level = rates.level
