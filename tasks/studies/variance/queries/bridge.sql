-- Budget, forecast and effects as rows. Grain: bridge, effect (budget and forecast too), month, level and place.
with effects as (
    unpivot effects_by_level
    on headcount, mix, timing, starting_pay, raises, fte, cost_rates
    into name effect value amount
)

select
    bridge,
    side as effect,
    month,
    level,
    place,
    amount
from published_amounts
union all by name
select
    bridge,
    effect,
    month,
    level,
    place,
    amount
from effects
