-- Opening headcount by value of a dimension.
select
    profile_values.value,
    count(*) as employees
from exposed
inner join profile_values on exposed.hazard_profile = profile_values.hazard_profile
where exposed.state_moment = 'opening' and profile_values.attribute = $dimension
group by profile_values.value
