select *
from alerts
where
    told_count > 0
    and count > told_count
    and acknowledged_at is null
    and resolved_at is null
    and raised_at < $before
    and coalesce($desk, desk) is desk
order by raised_at
