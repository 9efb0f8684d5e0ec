update alerts
set
    resolved_at = $now,
    resolved_how = $how,
    resolved_desk = $desk
where
    resolved_at is null
    and json_extract(document, '$.rule') in (select wanted.value from json_each($rules) as wanted)
    and (json_extract(document, '$.run_id') = $run_id or json_extract(document, '$.source') = $source)
returning document
