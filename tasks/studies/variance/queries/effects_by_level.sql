-- The effects by the level held on the day, as the months count. Effects at the budget's raises follow the budget's
-- cost at each level, FTE the forecast's; raises are what remains. Time that promotions move between levels is mix, and
-- adds up to 0 over the levels. Grain: bridge, month, level and place.
with sides as (
    select
        bridge,
        month,
        part,
        start_level,
        place,
        kind,
        level,
        coalesce(sum(money) filter (where side = 'budget'), 0) as budget,
        coalesce(sum(money) filter (where side = 'forecast'), 0) as forecast,
        coalesce(sum(pay_money + unit_money) filter (where side = 'forecast'), 0) as at_budget_rates,
        sum(base) filter (where side = 'budget') as base_b,
        sum(base) filter (where side = 'forecast') as base_f
    from levels
    group by all
),

in_cell as (
    select
        *,
        count(*) over cell as levels,
        sum(budget) over cell as cell_budget,
        sum(at_budget_rates) over cell as cell_at_budget_rates,
        coalesce(base_b, 0) / nullif(sum(base_b) over cell, 0) as time_b,
        coalesce(base_f, 0) / nullif(sum(base_f) over cell, 0) as time_f
    from sides
    window cell as (partition by bridge, month, part, start_level, place, kind)
),

spread as (
    select
        effects.*,
        effects.with_start_pay * coalesce(in_cell.time_f - in_cell.time_b, 0) as moved,
        coalesce(in_cell.level, effects.start_level) as level,
        coalesce(in_cell.forecast - in_cell.budget, 0) as difference,
        coalesce(in_cell.forecast - in_cell.at_budget_rates, 0) as own_cost_rates,
        coalesce(
            in_cell.budget / nullif(in_cell.cell_budget, 0),
            in_cell.at_budget_rates / nullif(in_cell.cell_at_budget_rates, 0),
            1 / coalesce(in_cell.levels, 1)
        ) as share_b,
        coalesce(in_cell.at_budget_rates / nullif(in_cell.cell_at_budget_rates, 0), share_b) as share_f
    from effects
    left join in_cell
        on
            effects.bridge = in_cell.bridge
            and effects.month = in_cell.month
            and effects.part = in_cell.part
            and effects.start_level = in_cell.start_level
            and effects.place = in_cell.place
            and effects.kind = in_cell.kind
),

summed as (
    select
        bridge,
        month,
        level,
        place,
        sum(headcount * share_b) as headcount,
        sum(mix * share_b + moved) as mix,
        sum(timing * share_b) as timing,
        sum(starting_pay * share_b) as starting_pay,
        sum(fte * share_f) as fte,
        sum(own_cost_rates) as cost_rates,
        sum(difference) as difference
    from spread
    group by all
)

select
    * exclude (difference),
    difference - (headcount + mix + timing + starting_pay + fte + cost_rates) as raises
from summed
