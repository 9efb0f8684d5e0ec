-- Headcount, movements and cost of the first fiscal year up to the opening date, as past lists show them, by month,
-- level and dimensions; the month of the opening date only up to it. The same in all replicates; cost by the rates of
-- the scenario. A view, empty without past lists.
with control as (
    select * from {{ ref('stg_control') }}
),

rates as (
    select rates.* exclude (simulation_year) -- noqa: RF02
    from {{ source('inputs', 'cost_rates') }} as rates
    inner join control on rates.simulation_year = control.start_year
),

movements as (
    select
        scenarios.scenario_id,
        control.start_year as simulation_year,
        months.*
    from {{ ref('int_actual_movements') }} as months
    cross join {{ source('inputs', 'scenarios') }} as scenarios
    cross join control
),

{{ loaded_cost_of('movements', 'rates') }},

costed as (
    select
        scenario_id,
        simulation_year,
        {{ columns_of_months() }}
    from loaded
)

select
    costed.* exclude (combination_id), -- noqa: RF02
    combinations.* exclude (combination_id) -- noqa: RF02
from costed
inner join {{ ref('stg_dimension_combinations') }} as combinations
    on costed.combination_id = combinations.combination_id
