select 1
from deliveries
where
    channel = $channel
    and status = 'pending'
    and due_at <= $now
order by due_at
limit 1
