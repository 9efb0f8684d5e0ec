-- Combinations of dimensions: one row each, one column per dimension of the census.
select * from {{ source('inputs', 'dimension_combinations') }}
