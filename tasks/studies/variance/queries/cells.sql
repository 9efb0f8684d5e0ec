-- Budget (b) and forecast (f) of each cell side by side: the members of a kind, place and level at the start (persons
-- and their starting pay, over the whole period), and what they add up to in a month and part of the cost. Grain:
-- bridge, month, part, level at the start, place and kind.
with members as (
    select
        start_level,
        place,
        kind,
        coalesce(sum(persons) filter (where side = 'budget'), 0) as persons_b,
        coalesce(sum(persons) filter (where side = 'forecast'), 0) as persons_f,
        coalesce(sum(start_fte) filter (where side = 'budget'), 0) as start_fte_b,
        coalesce(sum(start_fte) filter (where side = 'forecast'), 0) as start_fte_f,
        coalesce(sum(start_pay) filter (where side = 'budget'), 0) as start_pay_b,
        coalesce(sum(start_pay) filter (where side = 'forecast'), 0) as start_pay_f
    from measures
    group by all
),

parts as (
    select distinct
        bridge,
        month,
        part
    from levels
)

select
    parts.*,
    members.*,
    coalesce(sum(levels.base) filter (where levels.side = 'budget'), 0) as base_b,
    coalesce(sum(levels.base) filter (where levels.side = 'forecast'), 0) as base_f,
    coalesce(sum(levels.base_fte) filter (where levels.side = 'budget'), 0) as base_fte_b,
    coalesce(sum(levels.base_fte) filter (where levels.side = 'forecast'), 0) as base_fte_f,
    coalesce(sum(levels.paid) filter (where levels.side = 'budget'), 0) as paid_b,
    coalesce(sum(levels.paid) filter (where levels.side = 'forecast'), 0) as paid_f,
    coalesce(sum(levels.pay_money) filter (where levels.side = 'budget'), 0) as pay_money_b,
    coalesce(sum(levels.pay_money) filter (where levels.side = 'forecast'), 0) as pay_money_f,
    coalesce(sum(levels.unit_money) filter (where levels.side = 'forecast'), 0) as unit_money_f,
    coalesce(sum(levels.money) filter (where levels.side = 'budget'), 0) as money_b,
    coalesce(sum(levels.money) filter (where levels.side = 'forecast'), 0) as money_f
from members
cross join parts
left join levels
    on
        members.start_level = levels.start_level
        and members.place = levels.place
        and members.kind = levels.kind
        and parts.bridge = levels.bridge
        and parts.month = levels.month
        and parts.part = levels.part
group by all
