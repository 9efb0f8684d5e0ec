-- Rates of events and rows per opening headcount, of each path and year of this run and of earlier runs.
with counts as (
    select
        null as run_id,
        scenario_id,
        replicate,
        simulation_year,
        opening_headcount,
        hires,
        experienced_terminations,
        new_hire_terminations,
        reductions,
        promotions,
        cola_raises,
        merit_raises,
        ending_headcount
    from {{ ref('fct_year_summary') }}
    union all by name
    select * from {{ source('inputs', 'earlier_runs') }}
),

figures as (
    select
        run_id,
        scenario_id,
        replicate,
        simulation_year,
        opening_headcount,
        unnest([
            { 'name': 'hires', 'events': hires },
            { 'name': 'experienced terminations', 'events': experienced_terminations },
            { 'name': 'new-hire terminations', 'events': new_hire_terminations },
            { 'name': 'reductions', 'events': reductions },
            { 'name': 'promotions', 'events': promotions },
            { 'name': 'COLA raises', 'events': cola_raises },
            { 'name': 'merit raises', 'events': merit_raises },
            { 'name': 'workforce rows', 'events': opening_headcount + hires },
            { 'name': 'ending headcount', 'events': ending_headcount }
        ]) as item
    from counts
    where opening_headcount > 0
)

select
    figures.run_id,
    figures.scenario_id,
    figures.replicate,
    figures.simulation_year,
    figures.opening_headcount,
    figures.item.name as figure,
    figures.item.events / figures.opening_headcount as rate
from figures
