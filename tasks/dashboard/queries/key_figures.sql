-- Key figures by scenario, year and item over view `chosen`: cells, each with the item that it belongs to. Items that
-- are not in $shown are one item, $others; without $shown all are shown.
with named as (
    select
        *,
        case when $shown is null or list_contains($shown, item) then item else $others end as shown_item
    from chosen
)

select
    scenario_id,
    simulation_year,
    shown_item as item,
    sum(headcount) as headcount,
    sum(person_years) as person_years,
    sum(hires) as hires,
    sum(leavers) as leavers,
    sum(payroll) as payroll,
    sum(paid) as paid,
    sum(bonus) as bonus,
    sum(benefits) as benefits,
    sum(payroll_tax) as payroll_tax,
    sum(recruiting) as recruiting,
    sum(severance) as severance,
    sum(loaded_cost) as loaded_cost,
    sum(payroll) / nullif(sum(headcount), 0) as average_pay,
    -- of each employee, full-time pay / the middle of the range of the level: the mean over employees
    sum(range_midpoints) / nullif(sum(headcount), 0) as compa_ratio
from named
group by scenario_id, simulation_year, shown_item
