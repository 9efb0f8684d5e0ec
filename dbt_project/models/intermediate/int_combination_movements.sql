-- Everyone employed in the year, counted by the combinations of dimensions in which they begin and end it. Grain: path,
-- opening and closing combination.
select
    scenario_id,
    replicate,
    simulation_year,
    opening_combination_id,
    closing_combination_id,
    count(*) as employees,
    count(*) filter (where not is_hire) as opening_headcount,
    count(*) filter (where is_hire) as hires,
    count(promotion_rank) as promotions,
    count(*) filter (where termination_reason is not null) as terminations,
    count(*) filter (where termination_reason is null) as ending_headcount,
    coalesce(sum(opening_fte) filter (where not is_hire), 0) as opening_fte,
    coalesce(sum(closing_fte) filter (where termination_reason is null), 0) as ending_fte,
    coalesce(sum(closing_salary) filter (where termination_reason is null), 0) as ending_payroll
from {{ ref('int_year_pay') }}
group by scenario_id, replicate, simulation_year, opening_combination_id, closing_combination_id
