select
    scenario_id,
    replicate,
    simulation_year,
    'total' as breakdown,
    null::varchar as item,
    null::varchar as rest_of,
    opening_headcount,
    ending_headcount as headcount,
    hires,
    experienced_terminations + new_hire_terminations + reductions as leavers,
    ending_payroll::double as payroll,
    promotions,
    prorated_payroll::double as paid,
    ending_fte::double as fte
from fct_year_summary
