-- One employee's state when the year opens, or when hired, with the segment and pool.
select
    exposed.*,
    profile_segments.segment as target_segment,
    profile_segments.termination_pool
from exposed
inner join profile_segments on exposed.hazard_profile = profile_segments.hazard_profile
where exposed.employee_id = $employee and exposed.state_moment <> 'closing'
