update deliveries
set
    status = $status,
    error = $error,
    finished_at = $now
where id = $id
