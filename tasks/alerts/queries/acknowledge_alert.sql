update alerts
set
    acknowledged_at = coalesce(acknowledged_at, $now),
    acknowledged_by = coalesce(acknowledged_by, $by)
where id = $id
