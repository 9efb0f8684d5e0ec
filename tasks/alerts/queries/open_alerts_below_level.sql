select *
from alerts
where
    acknowledged_at is null
    and resolved_at is null
    and told_count > 0
    and level < $level
    and coalesce($desk, desk) is desk
order by raised_at
