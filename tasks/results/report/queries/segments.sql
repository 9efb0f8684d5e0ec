-- Means over replicates of each segment's opening and closing headcount, the movements between them, and the target. A
-- scenario without targets has one segment, `all`, which is that of table headcount.
select
    scenario_id,
    simulation_year,
    segment,
    avg(opening_headcount) as opening,
    avg(hires) as hires,
    avg(transfers_in) as transfers_in,
    avg(transfers_out) as transfers_out,
    avg(experienced_terminations) as experienced_leavers,
    avg(new_hire_terminations) as new_hire_leavers,
    avg(reductions) as reductions,
    avg(ending_headcount) as closing,
    avg(target_headcount) as target,
    avg(ending_headcount - target_headcount) as off_target
from fct_segment_summary
where segment <> 'all'
group by scenario_id, simulation_year, segment
order by scenario_id, simulation_year, segment = 'others', segment
