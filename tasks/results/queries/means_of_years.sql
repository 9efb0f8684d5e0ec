-- Means over replicates of the year summary, a row per scenario and year. $divisor as in means_of_months.
-- A rate is averaged over the replicates in which it is defined; growth keeps its digits.
select
    scenario_id,
    simulation_year,
    (cast(1000000 * sum(columns($numbers)) as hugeint) + $divisor // 2) // $divisor / 100,
    avg(columns($rates))
from chosen_rows
group by all
