update deliveries
set
    status = 'pending',
    claimed_at = null,
    attempts = 0,
    due_at = $now
where
    status = 'failed'
    and channel in (select wanted.value from json_each($channels) as wanted)
