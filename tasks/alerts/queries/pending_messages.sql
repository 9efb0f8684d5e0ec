select *
from deliveries
where
    status = 'pending'
    and coalesce($desk, desk) is desk
    and due_at < $before
    and channel in (select wanted.value from json_each($channels) as wanted)
order by id
