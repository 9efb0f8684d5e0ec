-- Who was employed on which days of the first fiscal year before the opening date, and on the day before that year, at
-- one level, pay, FTE and combination of dimensions. Days are numbered from 1, the first of the fiscal year. Empty if
-- no past lists cover that time.
with spells as (
    select * from {{ source('inputs', 'actual_spells') }}
),

control as (
    select * from {{ ref('stg_control') }}
)

select
    spells.*,
    spells.from_date - control.run_fiscal_start + 1 as from_day,
    spells.to_date - control.run_fiscal_start + 1 as to_day,
    control.opening_date - control.run_fiscal_start + 1 as days_elapsed,
    control.days_in_first_year,
    bool_or(
        spells.from_date < control.run_fiscal_start
        and (spells.to_date >= control.run_fiscal_start or not spells.is_exit)
    ) over (partition by spells.employee_id) as was_there_at_start,
    lag(spells.combination_id) over employee as combination_id_before
from spells
cross join control
window employee as (partition by spells.employee_id order by spells.from_date)
