"""The executive summary is true: each figure in its sentences follows from the published rows of the run."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isclose
from typing import Any

import numpy as np
import polars as pl
import pytest

from tasks.results.report.figures import tables
from tasks.results.report.key_figures import baseline_of, overview
from tasks.results.report.phrases import amount, more, people
from tasks.results.report.sentences import sentences
from tasks.results.report.table import Table
from tasks.runs.calendar import recorded_calendar
from tasks.runs.record import RunRecord, read_record
from tasks.text.calendar import stub_note, year_label
from tasks.text.events import EVENT_KINDS
from tasks.text.money import PLAIN
from tasks.warehouse.published import Rows, published
from tests.simulate import Finished

RAISES = ("cola", "merit", "promotion")


@dataclass(frozen=True)
class Case:
    """A part of a run: its scenarios, years and replicates; without cost if `costs` is false."""

    scenarios: tuple[str, ...]
    years: tuple[int, int]
    replicates: int
    costs: bool = True


AWKWARD = {
    "several": Case(("base", "dear", "drawn", "cut"), (2027, 2028), 2),
    "many": Case(("cut", "base", "dear", "drawn"), (2027, 2028), 1),
    "one shrinks": Case(("cut",), (2027, 2028), 2),
    "one replicate": Case(("base",), (2027, 2028), 1),
    "one year": Case(("dear",), (2028, 2028), 1),
    "one year of several": Case(("base", "drawn"), (2027, 2027), 2),
    "no cost": Case(("drawn",), (2027, 2028), 2, costs=False),
    "no cost of several": Case(("base", "cut"), (2027, 2028), 1, costs=False),
}
DRAWN = {
    "uncertain": Case(("steady", "shrinking", "drawn"), (2027, 2029), 3),
    "growth 0": Case(("steady",), (2027, 2029), 3),
    "stub and a year": Case(("drawn",), (2027, 2028), 1),
    "stub alone": Case(("shrinking",), (2027, 2027), 1),
    "whole years": Case(("shrinking",), (2028, 2029), 3),
}


class Truth:
    """The figures of a case, computed from the published rows and not from the report's tables."""

    def __init__(self, finished: Finished, case: Case) -> None:
        first, last = case.years
        part = (pl.col("simulation_year").is_between(first, last)) & (pl.col("replicate") <= case.replicates)
        self.replicates = case.replicates
        self.years = range(first, last + 1)
        self.summary = finished.summary.filter(part)
        self.events = finished.events.filter(part)
        self.months = finished.query("select * from fct_month_summary").filter(part)
        self.calendar = recorded_calendar(read_record(finished.run.directory))

    def mean(self, scenario: str, column: str, year: int) -> float:
        rows = self.summary.filter(scenario_id=scenario, simulation_year=year)
        return float(rows[column].cast(pl.Float64).mean())  # type: ignore[arg-type]

    def total(self, scenario: str, column: str) -> float:
        return sum(self.mean(scenario, column, year) for year in self.years)

    def ends(self, scenario: str, what: str) -> tuple[float, float]:
        """The first opening and the last closing."""
        first, last = self.years[0], self.years[-1]
        return self.mean(scenario, f"opening_{what}", first), self.mean(scenario, f"ending_{what}", last)

    def turnover(self, scenario: str, year: int) -> float:
        names = ("experienced_terminations", "new_hire_terminations", "reductions")
        leavers = sum(self.mean(scenario, name, year) for name in names)
        heads = [self.mean(scenario, f"{side}_headcount", year) for side in ("opening", "ending")]
        return leavers / (sum(heads) / 2)

    def person_years(self, scenario: str, year: int) -> float:
        days = self.months.filter(scenario_id=scenario, simulation_year=year)["employee_days"].sum()
        return float(days) / self.calendar.days(year) / self.replicates

    def step(self, scenario: str, kind: str) -> float:
        """The change of payroll by events of a kind."""
        rows = self.events.filter(scenario_id=scenario, event_type=kind)
        change = rows["salary_after"].fill_null(0) - rows["salary_before"].fill_null(0)
        return float(change.cast(pl.Float64).sum()) / self.replicates

    def whole(self) -> list[int]:
        """The years of which every day is simulated."""
        return [year for year in self.years if not self.calendar.is_stub(year)]


@pytest.fixture(scope="module")
def parts(finished: Finished, request: pytest.FixtureRequest) -> Any:
    """A function that returns the sentences of a case as texts, its truth, and its record."""

    def of(name: str) -> tuple[list[str], Truth, RunRecord, Case]:
        case = {**AWKWARD, **DRAWN}[name]
        run = finished if name in AWKWARD else request.getfixturevalue("uncertain")
        first, last = case.years

        def part(rows: Rows) -> Rows:
            for column, low, high in (
                ("simulation_year", first, last),
                ("replicate", 1, case.replicates),
            ):
                if column in rows.columns:
                    rows = rows.filter(f"{column} between {low} and {high}")
            if "scenario_id" in rows.columns:
                rows = rows.filter(f"scenario_id in {(*case.scenarios, '')}")
            return rows

        record = read_record(run.run.directory).of_scenarios(case.scenarios)
        record = record.model_copy(update={"replicates": case.replicates})
        keys = ("headcount", "payroll", "spread", *(["cost"] if case.costs else []))
        with published(run.run.directory.results, part=part) as connection:
            found = tables(connection, record, keys)
        return [sentence.text for sentence in sentences(found, record)], Truth(run, case), record, case

    return of


NUMBER = re.compile(r"(?<![\w.])[+-]?\d[\d,]*(?:\.\d+)?(?: M\b|%)?(?!\w)")


def numbers(text: str) -> list[tuple[float, float]]:
    """Return each number of a text with what rounding may have taken or added."""
    found = []
    for match in NUMBER.findall(text):
        digits = match.removesuffix(" M").removesuffix("%").replace(",", "")
        scale = 1e6 if match.endswith(" M") else 0.01 if match.endswith("%") else 1.0
        decimals = len(digits.partition(".")[2])
        found.append((float(digits) * scale, 0.5000001 * scale * 10.0**-decimals))
    return found


def assert_says(text: str, expected: Sequence[float]) -> None:
    found = numbers(text)
    assert len(found) == len(expected), (text, found, expected)
    for (value, exactness), truth in zip(found, expected, strict=True):
        assert isclose(value, truth, rel_tol=1e-9, abs_tol=exactness), (text, value, truth)


def became(before: float, after: float) -> list[float]:
    """The numbers of a change: both, and the change in percent, which are one number if they are the same."""
    return [before, after, after / before - 1]


def without_years(text: str, truth: Truth) -> str:
    """Take out the years' names and the days of the stub, whose digits are no figures."""
    labels = [year_label(truth.calendar, year) for year in truth.years]
    for words in (stub_note(truth.calendar) or "no stub", *labels, "95th", "5th", "2024-12-31"):
        text = text.replace(words, "…")
    return text


@pytest.mark.parametrize("name", [*AWKWARD, *(pytest.param(name, marks=pytest.mark.slow) for name in DRAWN)])
def test_each_sentence_states_the_figures_of_the_run(parts: Any, name: str) -> None:
    """Also that a sentence goes up where its figure does, and says nothing twice."""
    texts, truth, record, case = parts(name)
    assert len(texts) == 5 and all(text.endswith(".") for text in texts)
    base = baseline_of(record)
    assert base in case.scenarios
    first, last = year_label(truth.calendar, truth.years[0]), year_label(truth.calendar, truth.years[-1])
    workforce, cost, movements, compared, sure = (without_years(text, truth) for text in texts)

    averaged = [float(case.replicates)] if case.replicates > 1 else []
    opening, closing = truth.ends(base, "headcount")
    if isclose(opening, closing):
        assert_says(workforce, [*averaged, opening])
        assert f"is {opening:.0f} employees when {first} opens and" in texts[0]
    else:
        assert_says(workforce, [*averaged, *became(opening, closing)])
        assert ("grows" if closing > opening else "shrinks") in workforce
    assert (f"in scenario {base}" in texts[0].lower()) == (len(case.scenarios) > 1)
    assert last in texts[0] or len(truth.years) == 1

    whole = truth.whole()
    pays = truth.ends(base, "payroll")
    costs = {year: truth.mean(base, "loaded_cost", year) for year in truth.years}
    expected = became(*pays)
    if case.costs:
        expected += [costs[year] for year in truth.years if year not in whole]
        if len(whole) > 1:
            expected += [*became(costs[whole[0]], costs[whole[-1]]), sum(costs.values())]
        else:
            expected += [costs[year] for year in whole]
    assert_says(cost, expected)
    assert ("rises" if pays[1] > pays[0] else "falls") in cost

    kinds = ("experienced_terminations", "new_hire_terminations", "reductions")
    leavers = [truth.total(base, kind) for kind in kinds]
    span = [float(len(truth.years))] if len(truth.years) > 1 else []
    rates = [truth.turnover(base, year) for year in (whole[:1] + whole[-1:] if len(whole) > 1 else whole)]
    if len({f"{rate:.1%}" for rate in rates}) == 1:
        rates = rates[:1]
    happened = [count for count in leavers if count]
    assert_says(
        movements.replace("nobody", "0"), [*span, truth.total(base, "hires"), sum(leavers), *happened, *rates]
    )

    if len(case.scenarios) > 1:
        _assert_differences(compared, truth, record, case)
    else:
        assert_says(compared, _drivers(truth, base, case))
    _assert_bands(sure, truth, base, case.replicates, uncertain=record.uncertainty is not None)


def _assert_differences(text: str, truth: Truth, record: RunRecord, case: Case) -> None:
    """Each scenario's words: how many employees more or fewer, and how much it costs more or less."""
    base = baseline_of(record)
    others = [scenario for scenario in case.scenarios if scenario != base]
    column = "loaded_cost" if case.costs else "ending_payroll"
    year = truth.years[-1]
    told = re.split(r"[:;,] (?=\w+ (?:with|has) )", text.replace(f"of {len(others)} scenarios ", ""))[1:]
    assert [part.split()[0] for part in told] == [name for name in record.scenario_ids if name != base]
    for part in told:
        other = part.split()[0]
        heads = [truth.mean(name, "ending_headcount", year) for name in (base, other)]
        spent = [truth.mean(name, column, year) for name in (base, other)]
        expected = []
        for (before, after), same in ((heads, "as many employees"), (spent, "the same ")):
            if same in part:
                assert isclose(before, after, abs_tol=0.05), part
            else:
                expected += [abs(after - before), after / before - 1]
        assert_says(part, expected)
        assert (" more employee" in part) == (heads[1] > heads[0] + 0.05)
        assert (" fewer employee" in part) == (heads[1] < heads[0] - 0.05)
        assert bool(re.search(r"\d%?\)?( M)? less ", part)) == (spent[1] < spent[0])


def _drivers(truth: Truth, base: str, case: Case) -> list[float]:
    whole = truth.whole()
    if case.costs and len(whole) > 1:
        first, last = whole[0], whole[-1]
        cost = [truth.mean(base, "loaded_cost", year) for year in (first, last)]
        volume = [truth.person_years(base, year) for year in (first, last)]
        price = [amount / years for amount, years in zip(cost, volume, strict=True)]
        by_people = (volume[1] - volume[0]) * price[0]
        by_price = (price[1] - price[0]) * volume[1]
        assert isclose(by_people + by_price, cost[1] - cost[0], rel_tol=1e-9)
        shares = [abs(volume[1] / volume[0] - 1), abs(price[1] / price[0] - 1)]
        raises = [step for step in (truth.step(base, kind) for kind in RAISES) if step]
        return [cost[1] - cost[0], by_people, shares[0], by_price, shares[1], *raises]
    before, after = truth.ends(base, "payroll")
    steps = [truth.step(base, kind.event_type) for kind in EVENT_KINDS]
    assert isclose(sum(steps), after - before, abs_tol=0.01), "the steps add up to the change"
    return [after - before, *sorted((step for step in steps if step), key=lambda step: -abs(step))]


def _assert_bands(text: str, truth: Truth, base: str, replicates: int, *, uncertain: bool) -> None:
    if replicates == 1:
        assert "One replicate" in text and ("drawn only once" in text) == uncertain
        assert ("held certain" in text) == (not uncertain)
        return
    assert ("taken as certain" in text) == (not uncertain)
    expected = [float(replicates)]
    for column in ("ending_headcount", "ending_payroll", "loaded_cost"):
        rows = truth.summary.filter(scenario_id=base, simulation_year=truth.years[-1])
        low, high = np.percentile(rows[column].cast(pl.Float64).to_numpy(), [5, 95])
        expected += [low] if isclose(low, high) else [low, high]
    assert_says(text, expected)


# Grammar and limits


def _few(finished: Finished, heads: Mapping[str, float]) -> list[str]:
    """The sentences on a company of one year with these figures, and without pay."""
    record = read_record(finished.run.directory).of_scenarios(["base"])
    record = record.model_copy(update={"replicates": 1})
    nothing = {"experienced_leavers": 0.0, "new_hire_leavers": 0.0, "reductions": 0.0, "total_turnover": None}
    key = {"scenario_id": "base", "simulation_year": 2027}
    pays = {**key, "opening": 0.0, "closing": 0.0, **{kind.event_type: 0.0 for kind in EVENT_KINDS}}
    found = [
        Table("headcount", "", "", (), ({**key, **nothing, **heads},)),
        Table("payroll", "", "", (), (pays,)),
    ]
    return [sentence.text for sentence in sentences(found, record)]


@pytest.mark.parametrize(
    ("heads", "workforce", "movements"),
    [
        (
            {"opening": 1, "closing": 2, "hires": 1},
            "The workforce grows from 1 employee when 2027 opens to 2 at its end (+100.0%).",
            "In 2027, 1 employee is hired and nobody leaves.",
        ),
        (
            {"opening": 2, "closing": 1, "hires": 0, "reductions": 1},
            "The workforce shrinks from 2 employees when 2027 opens to 1 at its end (-50.0%).",
            "In 2027, nobody is hired and 1 leaves (1 by reduction in force).",
        ),
        (
            {"opening": 0, "closing": 3, "hires": 3},
            "The workforce grows from no employees when 2027 opens to 3 at its end.",
            "In 2027, 3 employees are hired and nobody leaves.",
        ),
        (
            {"opening": 3, "closing": 0, "hires": 0, "experienced_leavers": 3, "total_turnover": 2.0},
            "The workforce shrinks from 3 employees when 2027 opens to nobody at its end (-100.0%).",
            "In 2027, nobody is hired and 3 leave (3 experienced); total turnover is 200.0% in 2027.",
        ),
        (
            {"opening": 1, "closing": 1, "hires": 1, "new_hire_leavers": 1, "total_turnover": 1.0},
            "The workforce is 1 employee when 2027 opens and at its end.",
            "In 2027, 1 employee is hired and 1 leaves (1 in the year of their hire); total turnover is "
            "100.0% in 2027.",
        ),
        (
            {"opening": 0, "closing": 0, "hires": 0},
            "Nobody is employed when 2027 opens and at its end.",
            "In 2027, nobody is hired and nobody leaves.",
        ),
    ],
)
def test_one_several_and_nobody_have_their_grammar(
    finished: Finished, heads: Mapping[str, float], workforce: str, movements: str
) -> None:
    texts = _few(finished, heads)
    assert [texts[0], texts[2]] == [workforce, movements]
    assert texts[1] == (
        "Annual payroll stays at 0 at the opening and at the end of 2027; this run does not tell its "
        "loaded cost."
    )
    assert texts[3] == "Nothing moves the annual payroll."


def test_a_difference_that_reads_as_nothing_is_none() -> None:
    assert [
        more(difference, text, "employee") for difference, text in ((1, "1"), (-2, "2"), (0.04, "0.0"))
    ] == [
        "1 more employee",
        "2 fewer employees",
        "as many employees",
    ]
    assert [people(count) for count in (0, 1, 1.5)] == ["no employees", "1 employee", "1.5 employees"]
    assert [amount(PLAIN, value) for value in (99_999, 123_456, -12_345_678)] == [
        "99,999",
        "0.12 M",
        "-12.3 M",
    ]


def test_of_many_scenarios_the_dearest_and_the_cheapest_are_described(finished: Finished) -> None:
    record = read_record(finished.run.directory)
    scenarios = tuple(record.scenarios[0].model_copy(update={"id": f"s{number}"}) for number in range(6))
    with published(finished.run.directory.results) as connection:
        found = tables(connection, record, ("headcount", "payroll", "cost"))
    rich = [
        replace(
            table,
            rows=tuple(
                {**row, "scenario_id": f"s{number}", "loaded_cost": row.get("loaded_cost", 0) * factor}
                for number, factor in enumerate((1.0, 0.9, 1.3, 0.5, 1.2, 1.0))
                for row in table.rows
                if row["scenario_id"] == "base"
            ),
        )
        for table in found
    ]
    text = sentences(rich, record.model_copy(update={"scenarios": scenarios}))[3].text
    assert re.fullmatch(
        r"Against s0 in 2028, of 5 scenarios s2 with the most loaded cost has as many employees and .* more "
        r"loaded cost \(\+30.0%\); s3 with the least loaded cost has as many employees and .* less "
        r"loaded cost \(-50.0%\)\.",
        text,
    )


def test_the_overview_has_each_scenario_and_its_differences(finished: Finished) -> None:
    record = read_record(finished.run.directory)
    with published(finished.run.directory.results) as connection:
        found = tables(connection, record, ("headcount", "payroll", "cost"))
    table = overview(found, record)
    truth = Truth(finished, AWKWARD["several"])
    assert [row["scenario_id"] for row in table.rows] == list(record.scenario_ids)
    for row in table.rows:
        closing = truth.mean(row["scenario_id"], "ending_headcount", 2028)
        assert row["closing"] == pytest.approx(closing)
        assert row["all_cost"] == pytest.approx(truth.total(row["scenario_id"], "loaded_cost"))
        if row["scenario_id"] == "base":
            assert row["closing_difference"] is None
        else:
            before = truth.mean("base", "ending_headcount", 2028)
            assert row["closing_difference"] == pytest.approx(closing - before)
    alone = overview(found, record.of_scenarios(["cut"]))
    assert not [column for column in alone.columns if "difference" in column.key]
