-- The hazards of each profile by rate: of termination of any cause, promotion and transfer.
select
    hazard_profile,
    rate,
    case
        when rate = 'termination' and count(*) filter (where hazard > 0) > 1
            then 1.0 - list_product(list(1.0 - hazard order by cause_number))
        else max(hazard)
    end as hazard
from hazards_by_cause
group by hazard_profile, rate
