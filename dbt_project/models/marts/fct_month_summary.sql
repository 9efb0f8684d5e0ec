-- Headcount, movements and cost by month, level and dimensions by name (a view, since the dimensions depend on the
-- census; int_month_summary holds the rows and their contract).
with months as (
    select * from {{ ref('int_month_summary') }}
),

combinations as (
    select * from {{ ref('stg_dimension_combinations') }}
)

select
    months.* exclude (combination_id), -- noqa: RF02
    combinations.* exclude (combination_id) -- noqa: RF02
from months
inner join combinations on months.combination_id = combinations.combination_id
