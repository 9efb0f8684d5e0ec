copy (
    select *
    from query_table($table)
    where simulation_year is not distinct from $year
    order by all
) to $file (format parquet)
