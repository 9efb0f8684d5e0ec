update year_ledger
set
    status = 'failed',
    finished_at = now()
where
    simulation_year = $year
    and status = 'running'
