update deliveries
set
    claimed_at = null,
    due_at = $due,
    error = $error
where id = $id
