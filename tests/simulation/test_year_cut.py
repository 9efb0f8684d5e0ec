"""A year cut in two: its first part simulated, then the rest from the census of the day of the cut.

Two stubs add up to a year exactly: a part f of it has probabilities 1 - (1 - q)^f. The first half of a whole
year and a stub do so nearly: in a whole year the turnover is a share of those who open it, who leave at an
even pace, and hires have a risk of their own; the stub has hires of the first half in its opening workforce.
"""

import math
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from tests.simulation.calendars import Calendar
from tests.simulation.in_memory import WANTED
from tests.simulation.reopened import Tables, census_on, run, sample

YEAR_END, CUT = date(2026, 12, 31), date(2027, 6, 30)
MONTHS = "fct_month_summary"
REST = Calendar("01-01", CUT)  # the days after the cut
SHARE_OF_REST = 184 / 365
LEAVERS = ("experienced_terminations", "new_hire_terminations", "reductions")
NO_RISK_OF_HIRES = {"workforce.new_hire_termination_rate": 0}


def total(tables: Tables, column: str) -> int | Decimal:
    """The sum of a column of the year's summary over replicates."""
    return tables["fct_year_summary"][column].sum()  # type: ignore[no-any-return]


@pytest.mark.slow
@pytest.mark.parametrize("changed", [{"hiring.hires": 0}, {"simulation.target_growth_rate": Decimal("0.08")}])
def test_stubs_of_two_fiscal_years_add_up_to_a_year(changed: dict[str, Any]) -> None:
    """A fiscal year's stub to 30 June and a calendar year's from 1 July: turnover and growth, to a person.

    Raises come once: those of the first half in the one part, those of the second in the other.
    """
    rules = {**NO_RISK_OF_HIRES, **changed}
    opening = sample(400, YEAR_END)
    whole = run(opening, Calendar(), {"year": rules})
    # the cut-off of 1 October 2026 is in the fiscal year itself
    cutoff = {"compensation.eligibility_cutoff": {"month": 10, "day": 1, "year_offset": 0}}
    first = run(opening, Calendar("07-01", YEAR_END), {"year": {**rules, **cutoff}})
    second = run(census_on(CUT, first, 1), REST, {"year": rules}, seed=43)

    assert abs(total(second, "ending_headcount") - total(whole, "ending_headcount")) <= 1
    if "hiring.hires" in changed:
        leavers = [sum(total(part, kind) for kind in LEAVERS) for part in (whole, first, second)]
        assert abs(leavers[1] + leavers[2] - leavers[0]) <= 1
        assert total(first, "hires") == total(second, "hires") == 0
    assert (total(second, "cola_raises"), total(second, "promotions")) == (0, 0)
    assert total(first, "merit_raises") == 0
    assert total(second, "merit_raises") > 300
    # by chance, some fifty people leave or come half a year earlier or later: 1 % of 400, and twice that
    pay = [float(total(part, "prorated_payroll")) for part in (whole, first, second)]
    assert pay[1] + pay[2] == pytest.approx(pay[0], rel=0.02)


def second_half(tables: Tables) -> pl.DataFrame:
    """Leavers, hires and pay of July to December, by replicate."""
    months = tables[MONTHS].filter(pl.col("month") > CUT)
    return months.group_by("replicate", maintain_order=True).agg(
        leavers=pl.sum_horizontal(pl.col(LEAVERS).sum()),
        hires=pl.col("hires").sum(),
        pay=pl.col("salary_cost").sum().cast(pl.Float64),
    )


#: Mode → what the second half may lack of the leavers: more where each hire of the whole year leaves with the
#: same probability, also who is hired in December.
SHORT = {"exact": 0.1, "expected": 0.15}


@pytest.mark.slow
@pytest.mark.parametrize("mode", SHORT)
def test_the_rest_of_a_year_is_as_the_second_half_of_the_whole_year(mode: str) -> None:
    """Leavers, hires and pay over replicates, towards the headcount of the plan at the year's end.

    The growth of the settings would lead higher: at mid-year the headcount is 1.7 % above N (1 + g)^(1/2),
    since hires who leave do so late.
    """
    rules = {"simulation.mode": mode}
    wanted = (*WANTED, MONTHS)
    whole = run(sample(400, YEAR_END), Calendar(), {"year": rules}, replicates=12, wanted=wanted)
    rests = []
    for replicate in range(1, 5):
        census = census_on(CUT, whole, replicate)
        growth = (412 / census.height) ** (1 / SHARE_OF_REST) - 1
        to_plan = {**rules, "simulation.target_growth_rate": Decimal(f"{growth:.12f}")}
        rest = run(census, REST, {"year": to_plan}, replicates=4, wanted=wanted, seed=42 + replicate)
        rests.append(second_half(rest).mean())  # the replicates of a census are not independent
    planned, found = second_half(whole), pl.concat(rests)
    for column, allowed in (("leavers", SHORT[mode]), ("hires", 0.1), ("pay", 0.01)):
        plan, rest = planned[column], found[column]
        error = math.sqrt(plan.var() / len(plan) + rest.var() / len(rest))
        difference = rest.mean() - plan.mean()
        assert abs(difference) <= allowed * plan.mean() + 3 * error, column
