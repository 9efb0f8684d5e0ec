-- Counts of people and time in both runs, means over replicates; parts of people by the share of their days. Grain:
-- side, month, level and place.
select
    side,
    month,
    level,
    place,
    coalesce(sum(persons) filter (where kind in ('stays', 'leaves', 'laid off')), 0) as opening,
    coalesce(sum(persons) filter (where kind in ('joins', 'joins and leaves')), 0) as hires,
    coalesce(sum(persons) filter (where kind in ('leaves', 'joins and leaves', 'laid off')), 0) as leavers,
    coalesce(sum(persons) filter (where kind in ('stays', 'joins')), 0) as closing,
    sum(units) as person_years
from measures
where part = 'pay'
group by all
