-- Headcount, movements and cost by month. Grain: path, month, level and combination of dimensions.
{{ config(materialized='year_append', tags=['year']) }}

with {{ loaded_cost_of(ref('int_month_movements'), ref('stg_cost_rates')) }}

select
    scenario_id,
    replicate,
    simulation_year,
    {{ columns_of_months() }}
from loaded
