-- Means over replicates by dimension: opening of the first year, closing of the last, movements of all years.
with span as (
    select
        min(simulation_year) as first_year,
        max(simulation_year) as last_year
    from fct_year_summary
),

paths as (
    select
        scenario_id,
        cast(count(distinct replicate) as double) as replicates
    from fct_year_summary
    group by scenario_id
),

movements as (
    select
        summary.*,
        paths.replicates,
        summary.simulation_year = span.first_year as is_first,
        summary.simulation_year = span.last_year as is_last
    from fct_dimension_summary as summary
    inner join paths on summary.scenario_id = paths.scenario_id
    cross join span
)

select
    scenario_id,
    dimension,
    coalesce(dimension_value, '(none)') as dimension_value,
    coalesce(sum(opening_headcount) filter (where is_first), 0) / any_value(replicates) as opening,
    sum(hires) / any_value(replicates) as hires,
    sum(transfers_in) / any_value(replicates) as transfers_in,
    sum(transfers_out) / any_value(replicates) as transfers_out,
    sum(terminations) / any_value(replicates) as leavers,
    sum(promotions) / any_value(replicates) as promotions,
    coalesce(sum(ending_headcount) filter (where is_last), 0) / any_value(replicates) as closing,
    coalesce(sum(ending_payroll) filter (where is_last), 0) / any_value(replicates) as closing_payroll,
    closing / nullif(opening, 0) - 1 as growth,
    cast(coalesce(sum(opening_fte) filter (where is_first), 0) as double) / any_value(replicates) as opening_fte,
    cast(coalesce(sum(ending_fte) filter (where is_last), 0) as double) / any_value(replicates) as closing_fte
from movements
group by scenario_id, dimension, dimension_value
order by scenario_id, dimension, coalesce(dimension_value, '(none)')
