insert into alerts (id, desk, fingerprint, severity, document, raised_at, last_at)
values ($id, $desk, $fingerprint, $severity, $document, $now, $now)
