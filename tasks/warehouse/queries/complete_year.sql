update year_ledger
set
    status = 'complete',
    finished_at = now(),
    content_hash = $content_hash,
    rows_written = $rows
where simulation_year = $year
