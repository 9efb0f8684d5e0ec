-- The items of every breakdown over views totals and item_costs.
with items as (
    select
        scenario_id,
        replicate,
        simulation_year,
        'level' as breakdown,
        level::varchar as item,
        opening_headcount,
        ending_headcount as headcount,
        hires,
        terminations as leavers,
        ending_payroll::double as payroll,
        promotions_out as promotions,
        ending_fte::double as fte,
        promotions_in as transfers_in,
        promotions_out as transfers_out
    from fct_level_summary
    union all
    select
        scenario_id,
        replicate,
        simulation_year,
        dimension as breakdown,
        coalesce(dimension_value, '(none)') as item,
        opening_headcount,
        ending_headcount as headcount,
        hires,
        terminations as leavers,
        ending_payroll::double as payroll,
        promotions,
        ending_fte::double as fte,
        transfers_in,
        transfers_out
    from fct_dimension_summary
),

named as (
    select
        breakdown,
        item
    from items
    union
    select
        breakdown,
        item
    from item_costs
    where breakdown in (select items.breakdown from items)
),

-- Every item of every path: one in which a path has nobody left has no row, and counts 0.
grid as (
    select
        totals.scenario_id,
        totals.replicate,
        totals.simulation_year,
        named.breakdown,
        named.item
    from totals
    cross join named
)

select
    grid.*,
    coalesce(items.opening_headcount, 0) as opening_headcount,
    coalesce(items.headcount, 0) as headcount,
    coalesce(items.hires, 0) as hires,
    coalesce(items.leavers, 0) as leavers,
    coalesce(items.payroll, 0) as payroll,
    coalesce(items.promotions, 0) as promotions,
    coalesce(costs.paid, 0) as paid,
    coalesce(costs.bonus, 0) as bonus,
    coalesce(costs.benefits, 0) as benefits,
    coalesce(costs.payroll_tax, 0) as payroll_tax,
    coalesce(costs.recruiting, 0) as recruiting,
    coalesce(costs.severance, 0) as severance,
    coalesce(costs.loaded_cost, 0) as loaded_cost,
    coalesce(items.fte, 0) as fte,
    coalesce(items.transfers_in, 0) as transfers_in,
    coalesce(items.transfers_out, 0) as transfers_out
from grid
left join items
    on
        grid.scenario_id = items.scenario_id
        and grid.replicate = items.replicate
        and grid.simulation_year = items.simulation_year
        and grid.breakdown = items.breakdown
        and grid.item = items.item
left join item_costs as costs
    on
        grid.scenario_id = costs.scenario_id
        and grid.replicate = costs.replicate
        and grid.simulation_year = costs.simulation_year
        and grid.breakdown = costs.breakdown
        and grid.item = costs.item
