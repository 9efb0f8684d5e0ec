update alerts
set resolution_told = 1
where
    resolved_at is not null
    and not resolution_told
    and told_count > 0
    and coalesce($desk, resolved_desk) is resolved_desk
    and not exists (
        select 1
        from deliveries
        cross join json_each(deliveries.alert_ids) as addressed
        where
            addressed.value = alerts.id
            and not deliveries.is_good
            and (
                deliveries.status = 'pending'
                or deliveries.channel not in (select known.value from json_each($channels) as known)
            )
    )
