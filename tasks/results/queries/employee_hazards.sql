-- One employee's hazards when the year opens, or when hired: a row per cause of termination, and of promotion and
-- transfer.
select hazards_by_cause.*
from exposed
inner join hazards_by_cause on exposed.hazard_profile = hazards_by_cause.hazard_profile
where exposed.employee_id = $employee and exposed.state_moment <> 'closing'
order by hazards_by_cause.rate, hazards_by_cause.cause_number
