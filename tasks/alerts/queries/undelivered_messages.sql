select *
from deliveries
where
    status = 'failed'
    or (status = 'pending' and due_at < $overdue)
order by id
