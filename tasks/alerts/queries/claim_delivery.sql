update deliveries
set
    claimed_at = $now,
    attempts = attempts + 1
where
    id = (
        select id
        from deliveries
        where
            channel = $channel
            and status = 'pending'
            and due_at <= $now
            and coalesce($desk, desk) is desk
            and (claimed_at is null or claimed_at < $stale)
        order by due_at, id
        limit 1
    )
returning *
