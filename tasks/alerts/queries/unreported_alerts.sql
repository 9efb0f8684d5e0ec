select *
from alerts
where
    told_count = 0
    and coalesce($desk, desk) is desk
order by raised_at
