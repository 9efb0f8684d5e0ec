select count(*) as alerts
from alerts
where
    told_count > 0
    and raised_at > $since
    and severity in (select wanted.value from json_each($severities) as wanted)
