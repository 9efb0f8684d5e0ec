-- The effects of each cell, by replacing one factor of the reference after the other by the forecast's: what the cell
-- costs after each replacement, and the differences between successive ones. docs/variance.md has the formulas. Grain:
-- that of cells.
with factors as (
    select
        *,
        start_fte_r / persons_r as fte_per_person_r,
        start_pay_r / start_fte_r as start_rate_r,
        start_pay_f / nullif(start_fte_f, 0) as start_rate_f,
        coalesce(base_f / nullif(start_pay_f, 0), 0) as time_f,
        -- a factor that the reference lacks in a month is the forecast's: it then explains nothing
        coalesce(base_fte_r / nullif(base_r, 0), base_fte_f / nullif(base_f, 0)) as fte_r,
        coalesce(paid_r / nullif(base_fte_r, 0), paid_f / nullif(base_fte_f, 0)) as raise_r,
        paid_f / nullif(base_fte_f, 0) as raise_f,
        coalesce(pay_money_r / nullif(paid_r, 0), pay_money_f / nullif(paid_f, 0)) as rate_r,
        pay_money_f / nullif(paid_f, 0) as rate_f,
        pay_money_f + unit_money_f as at_budget_rates,
        coalesce(
            sum(money_b) over kinds / nullif(sum(persons_b) over kinds, 0),
            sum(at_budget_rates) over kinds / nullif(sum(persons_f) over kinds, 0)
        ) as per_person
    from yardsticks
    window kinds as (partition by bridge, month, part, kind)
),

replaced as (
    select
        *,
        (persons_f - persons_b) * per_person as headcount,
        persons_f * (money_r / persons_r) as with_persons,
        persons_f * fte_per_person_r * time_f * fte_r as time,
        coalesce(time * start_rate_r * raise_r * rate_r, 0) + unit_money_f as with_time,
        coalesce(time * start_rate_f * raise_r * rate_r, 0) + unit_money_f as with_start_pay,
        coalesce(time * start_rate_f * raise_f * rate_f, 0) + unit_money_f as with_raises
    from factors
)

select
    bridge,
    month,
    part,
    start_level,
    place,
    kind,
    headcount,
    with_persons - money_b - headcount as mix,
    with_time - with_persons as timing,
    with_start_pay - with_time as starting_pay,
    with_raises - with_start_pay as raises,
    at_budget_rates - with_raises as fte,
    money_f - at_budget_rates as cost_rates,
    with_start_pay
from replaced
