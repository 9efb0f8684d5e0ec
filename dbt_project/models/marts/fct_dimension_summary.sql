-- Headcount, FTE, movements and payroll of a path and year by each value of each dimension. Grain: path, year,
-- dimension and value. Leavers and promotions count where the employee is then; transfers between other dimensions do
-- not count.
{{ config(materialized='year_append', tags=['year']) }}

with dimension_values as (
    select * from {{ ref('stg_dimension_values') }}
),

valued as (
    select
        combined.*,
        opening.dimension,
        opening.dimension_value as opening_value,
        closing.dimension_value as closing_value,
        case when same.dimension is null then combined.employees else 0 end as movers
    from {{ ref('int_combination_movements') }} as combined
    inner join dimension_values as opening on combined.opening_combination_id = opening.combination_id
    inner join dimension_values as closing
        on combined.closing_combination_id = closing.combination_id and opening.dimension = closing.dimension
    left join dimension_values as same
        on
            combined.closing_combination_id = same.combination_id
            and opening.dimension = same.dimension
            and opening.dimension_value is not distinct from same.dimension_value
),

-- each group of employees once where it opened, and once where it closed
sides as (
    select
        scenario_id,
        replicate,
        simulation_year,
        dimension,
        opening_value as dimension_value,
        opening_headcount,
        hires,
        movers as transfers_out,
        opening_fte
    from valued
    union all by name
    select
        scenario_id,
        replicate,
        simulation_year,
        dimension,
        closing_value as dimension_value,
        movers as transfers_in,
        promotions,
        terminations,
        ending_headcount,
        ending_fte,
        ending_payroll
    from valued
)

select
    scenario_id,
    replicate,
    simulation_year,
    dimension,
    dimension_value,
    {%- for count in [
        'opening_headcount', 'hires', 'transfers_in', 'transfers_out', 'promotions', 'terminations', 'ending_headcount'
    ] %}
    cast(coalesce(sum({{ count }}), 0) as bigint) as {{ count }},
    {%- endfor %}
    cast(coalesce(sum(opening_fte), 0) as decimal(18, 6)) as opening_fte,
    cast(coalesce(sum(ending_fte), 0) as decimal(18, 6)) as ending_fte,
    cast(coalesce(sum(ending_payroll), 0) as decimal(18, 2)) as ending_payroll
from sides
group by scenario_id, replicate, simulation_year, dimension, dimension_value
