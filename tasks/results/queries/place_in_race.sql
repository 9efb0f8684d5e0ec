-- The exponential race once more: everyone who opened the year, by -ln(1 - u) / hazard.
with opening as (
    select
        snapshot.employee_id,
        hazards.hazard,
        (md5_number_upper(concat($seed, '|', $year, '|', $replicate, '|termination|', snapshot.employee_id)) >> 11)
        ::double / 9007199254740992 as draw
    from fct_workforce_snapshot as snapshot
    inner join termination_hazards as hazards
        on
            snapshot.scenario_id = hazards.scenario_id
            and snapshot.simulation_year = hazards.simulation_year
            and snapshot.age_band = hazards.age_band
            and snapshot.tenure_band = hazards.tenure_band
    where
        snapshot.scenario_id = $scenario
        and snapshot.replicate = $replicate
        and snapshot.simulation_year = $year
        and year(snapshot.hire_date) < snapshot.simulation_year
),

ranked as (
    select
        employee_id,
        row_number() over (
            order by case when hazard > 0 then -ln(1 - draw) / hazard else 'infinity'::double end, employee_id
        ) as place,
        count(*) over () as headcount
    from opening
)

select
    ranked.place,
    ranked.headcount,
    totals.experienced_terminations,
    totals.reductions
from ranked
cross join fct_year_summary as totals
where
    ranked.employee_id = $employee
    and totals.scenario_id = $scenario
    and totals.replicate = $replicate
    and totals.simulation_year = $year
