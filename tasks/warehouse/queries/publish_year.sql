copy (
    select *
    from query_table($table)
    where
        simulation_year = $year
        and scenario_id = $scenario
) to $file (format parquet, compression zstd)
