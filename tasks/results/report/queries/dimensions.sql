with span as (select min(simulation_year) as first_year, max(simulation_year) as last_year from fct_year_summary),

paths as (select scenario_id, count(distinct replicate)::double as replicates from fct_year_summary group by all)

select
    scenario_id, dimension, coalesce(dimension_value, '(none)'),
    coalesce(sum(opening_headcount) filter (where simulation_year = first_year), 0) / any_value(replicates) as opening,
    sum(hires) / any_value(replicates), sum(terminations) / any_value(replicates),
    sum(promotions) / any_value(replicates),
    coalesce(sum(ending_headcount) filter (where simulation_year = last_year), 0) / any_value(replicates) as closing,
    coalesce(sum(ending_payroll) filter (where simulation_year = last_year), 0) / any_value(replicates),
    closing / nullif(opening, 0) - 1
from fct_dimension_summary inner join paths using (scenario_id) cross join span
group by scenario_id, dimension, dimension_value order by 1, 2, 3
