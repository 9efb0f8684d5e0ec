-- Where another rule of the family raised the alert, its count stays.
update alerts
set
    last_at = $now,
    count = count + (json_extract(document, '$.rule') = $rule)
where
    id = (
        select id
        from alerts
        where
            fingerprint = $fingerprint
            and raised_at > $since
            and resolved_at is null
        order by raised_at desc
        limit 1
    )
