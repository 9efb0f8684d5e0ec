-- The columns of drawn_assumptions without a row: the run's assumptions are certain.
select
    cast(null as integer) as replicate,
    cast(null as integer) as simulation_year,
    cast(null as varchar) as source,
    cast(null as varchar) as rate,
    cast(null as varchar) as cause,
    cast(null as varchar) as attribute,
    cast(null as varchar) as value,
    cast(null as double) as log_effect
where false
