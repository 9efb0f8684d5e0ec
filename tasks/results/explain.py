"""One employee's timeline: each event with its hazard and draw, and why an event did not happen.

hazards.py recomputes draws and hazards from the settings in run.json. They must equal those in the published
events, and the published events must follow from them.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import polars as pl

from settings.errors import InputError
from settings.models.compensation import CompensationSettings
from settings.models.workforce import WorkforceSettings
from tasks.results.hazards import TOLERANCE, RecomputedOtherwise, draw, scaled_to_target
from tasks.runs.record import RunRecord
from tasks.system.queries import query_rows, read_query
from tasks.text.money import Money

Row = dict[str, Any]


def termination_hazard(workforce: WorkforceSettings, year: int, age_band: str, tenure_band: str) -> float:
    """Return the probability of an experienced termination in a year, before any scaling to a target."""
    hazard = workforce.termination_hazard
    age, tenure = hazard.age[age_band], hazard.tenure[tenure_band]
    return min(1.0, float(hazard.base.at(year)) * float(age) * float(tenure))


def promotion_hazard(
    workforce: WorkforceSettings, year: int, level: int, age_band: str, tenure_band: str
) -> float:
    """Return the probability of a promotion in a year; 0 at the top level."""
    if level >= max(workforce.levels):
        return 0.0
    hazard = workforce.promotion_hazard
    age, tenure = hazard.age[age_band], hazard.tenure[tenure_band]
    factors = (age, tenure, promotion_level_factor(workforce, level))
    value = float(hazard.base.at(year))
    for factor in factors:
        value *= float(factor)
    return min(1.0, value)


def promotion_level_factor(workforce: WorkforceSettings, level: int) -> Decimal:
    """Return the factor by which the level damps the promotion hazard."""
    return max(Decimal(0), 1 - workforce.promotion_hazard.level_damping * (level - 1))


def termination_hazards(workforces: Mapping[str, WorkforceSettings], years: Iterable[int]) -> pl.DataFrame:
    """Return the termination hazard of each scenario, year, age band and tenure band, a row each."""
    return pl.DataFrame(
        [
            (scenario, year, age_band, tenure_band, termination_hazard(model, year, age_band, tenure_band))
            for scenario, model in workforces.items()
            for year in years
            for age_band in model.age_band_labels
            for tenure_band in model.tenure_band_labels
        ],
        schema={
            "scenario_id": pl.String,
            "simulation_year": pl.Int32,
            "age_band": pl.String,
            "tenure_band": pl.String,
            "hazard": pl.Float64,
        },
        orient="row",
    )


@dataclass(frozen=True)
class Moment:
    """One line of the timeline."""

    year: int
    date: date | None  # None: an event that did not happen
    what: str
    why: str


@dataclass(frozen=True)
class Model:
    """The settings that an explanation needs, and the format of amounts."""

    seed: int
    mode: str
    workforce: WorkforceSettings
    compensation: CompensationSettings
    money: Money

    @classmethod
    def of(cls, record: RunRecord, scenario_id: str) -> "Model":
        """Read them from a run's record. Raises InputError if the run does not have the scenario."""
        by_id = {scenario.id: scenario.settings for scenario in record.scenarios}
        if scenario_id not in by_id:
            raise InputError(
                f"--scenario: the run has no scenario {scenario_id!r}; it has: {', '.join(by_id)}"
            )
        settings = by_id[scenario_id]
        return cls(
            record.seed,
            settings["simulation"]["mode"],
            WorkforceSettings.model_validate(settings["workforce"]),
            CompensationSettings.model_validate(settings["compensation"]),
            Money.of(record),
        )


def timeline(
    connection: duckdb.DuckDBPyConnection,
    record: RunRecord,
    employee_id: str,
    scenario_id: str,
    replicate: int = 1,
) -> list[Moment]:
    """Explain an employee's years in one scenario and replicate, oldest first.

    Raises InputError if the employee is not employed there, and RecomputedOtherwise if the events contradict
    the draws and hazards recomputed from the settings.
    """
    model = Model.of(record, scenario_id)
    path = {"scenario": scenario_id, "replicate": replicate, "employee": employee_id}
    states = query_rows(connection, read_query(__package__, "employee_states"), path)
    if not states:
        raise InputError(_unknown(connection, record, path))
    events = query_rows(connection, read_query(__package__, "employee_events"), path)
    moments: list[Moment] = []
    for state in states:
        of_year = [event for event in events if event["simulation_year"] == state["simulation_year"]]
        moments += _EmployeeYear(connection, model, path, state, of_year).moments()
    return moments


class _EmployeeYear:
    """One year of one employee, explained event by event."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        model: Model,
        path: Mapping[str, Any],
        state: Row,
        events: Sequence[Row],
    ) -> None:
        self.connection, self.model, self.path, self.state = connection, model, path, state
        self.year: int = state["simulation_year"]
        self.events = {event["event_type"]: event for event in events}
        self.in_order = events
        self.is_hire = "hire" in self.events
        self.opening_level, self.opening_salary = state["level"], state["salary"]
        if events:
            when = "after" if self.is_hire else "before"
            self.opening_level, self.opening_salary = events[0][f"level_{when}"], events[0][f"salary_{when}"]

    def moments(self) -> Iterator[Moment]:
        state = self.state
        if not self.is_hire:
            place = ", ".join(str(value) for value in state["dimensions"] if value is not None)
            salary = self.model.money.to_the_cent(self.opening_salary)
            yield Moment(
                self.year,
                date(self.year, 1, 1),
                "opens",
                f"level {self.opening_level}, {salary} a year; age {state['age']} "
                f"({state['age_band']}), tenure {state['tenure']} ({state['tenure_band']})"
                + (f"; {place}" if place else ""),
            )
        explain = {
            "hire": self._hire,
            "cola": self._cola,
            "promotion": self._promotion,
            "merit": self._merit,
            "termination": self._termination,
        }
        for event in self.in_order:
            yield Moment(
                self.year,
                event["event_date"],
                _described(event, self.model.money),
                explain[event["event_type"]](),
            )
        for kind, name in (("cola", "no COLA"), ("promotion", "no promotion"), ("merit", "no merit raise")):
            if kind not in self.events:
                yield Moment(self.year, None, name, explain[kind]())
        if "termination" not in self.events:
            yield Moment(self.year, None, "stays", self._termination())

    def _hire(self) -> str:
        return f"level {self.opening_level}; age {self.state['age']} on 1 January"

    def _cola(self) -> str:
        if "cola" in self.events:
            return f"{self.model.compensation.cola_rate.at(self.year):+.2%} for all who are eligible"
        return self._not_eligible("cola")

    def _merit(self) -> str:
        if "merit" not in self.events:
            return self._not_eligible("merit")
        compensation = self.model.compensation
        multiplier = compensation.merit_multipliers[self.opening_level]
        u = self._draw("merit")
        weight = float(multiplier) * (1 + float(compensation.merit_spread) * (2 * u - 1))
        return (
            f"weight {weight:.6f} = {multiplier} (level {self.opening_level}) "
            f"x (1 + {compensation.merit_spread} x (2 x {u:.6f} - 1)); weight x salary shares the budget"
        )

    def _not_eligible(self, kind: str) -> str:
        cutoff = self.model.compensation.eligibility_cutoff
        before = date(self.year + cutoff.year_offset, cutoff.month, cutoff.day)
        if self.state["hire_date"] >= before:
            return f"hired {self.state['hire_date']}, not before the cut-off {before}"
        return self._gone_before(kind)

    def _gone_before(self, kind: str) -> str:
        last_day = self.state["termination_date"]
        return f"would take effect on {self._effective_date(kind)}, the last day was {last_day}"

    def _promotion(self) -> str:
        if self.is_hire:
            return "hires are not promoted in the year of hire"
        workforce, state, level, u = (
            self.model.workforce,
            self.state,
            self.opening_level,
            self._draw("promotion"),
        )
        hazard = promotion_hazard(workforce, self.year, level, state["age_band"], state["tenure_band"])
        formula = "0 (top level)"
        if level < max(workforce.levels):
            by_level = f"{promotion_level_factor(workforce, level)} (level {level})"
            formula = f"{self._formula(hazard, workforce.promotion_hazard)} x {by_level}"
        self._must_agree("promotion", hazard, u)
        if "promotion" in self.events or state["termination_date"] is None:
            self._must_happen("promotion", u < hazard)
        if u >= hazard:
            return f"draw {u:.6f} >= hazard {formula}"
        if "promotion" in self.events:
            return f"draw {u:.6f} < hazard {formula}"
        return f"drawn ({u:.6f} < hazard {formula}), but it {self._gone_before('promotion')}"

    def _formula(self, value: float, settings: Any) -> str:
        age_band, tenure_band = self.state["age_band"], self.state["tenure_band"]
        return (
            f"{value:.6f} = {settings.base.at(self.year)} x {settings.age[age_band]} (age {age_band}) "
            f"x {settings.tenure[tenure_band]} (tenure {tenure_band})"
        )

    def _termination(self) -> str:
        return self._hire_leaving() if self.is_hire else self._experienced_leaving()

    def _hire_leaving(self) -> str:
        u = self._draw("new_hire_termination")
        rate = self.model.workforce.new_hire_termination_rate.at(self.year)
        self._must_agree("termination", float(rate), u)
        if self.model.mode == "expected":
            self._must_happen("termination", u < rate)
            return f"draw {u:.6f} {'<' if u < rate else '>='} rate {rate}"
        (race,) = self._rows("place_among_hires")
        self._must_happen("termination", race["place"] <= race["leavers"])
        return (
            f"draw {u:.6f}, place {race['place']:,} of {race['hires']:,} hires; "
            f"the first {race['leavers']:,} leave (rate {rate})"
        )

    def _experienced_leaving(self) -> str:
        state, workforce, u = self.state, self.model.workforce, self._draw("termination")
        value = termination_hazard(workforce, self.year, state["age_band"], state["tenure_band"])
        formula = self._formula(value, workforce.termination_hazard)
        if self.model.mode == "expected":
            return self._leaving_by_draw(value, formula, u)
        self._must_agree("termination", value, u)
        return self._leaving_by_race(value, formula, u)

    def _leaving_by_draw(self, hazard: float, formula: str, u: float) -> str:
        scaled = self._scaled(hazard)
        self._must_agree("termination", scaled, u)
        sign = "<" if u < scaled else ">="
        reason = self.events.get("termination", {}).get("event_reason")
        is_reduction = reason == "reduction_in_force" and u >= scaled
        if not is_reduction:
            self._must_happen("termination", u < scaled)
        more = "; one of the reductions" if is_reduction else ""
        return f"draw {u:.6f} {sign} {scaled:.6f}, the hazard {formula} scaled to the year's target{more}"

    def _leaving_by_race(self, hazard: float, formula: str, u: float) -> str:
        hazards = termination_hazards({self.path["scenario"]: self.model.workforce}, [self.year])
        self.connection.register("termination_hazards", hazards)
        (race,) = self._rows("place_in_race")
        experienced, reductions = race["experienced_terminations"], race["reductions"]
        self._must_happen("termination", race["place"] <= experienced + reductions)
        time = (
            f"-ln(1 - {u:.6f}) / {hazard:.6f} = {-math.log(1 - u) / hazard:.4f}"
            if hazard
            else "never (hazard 0)"
        )
        leave = f"the first {experienced:,} leave"
        if reductions:
            leave += f", the next {reductions:,} by reduction in force"
        return (
            f"hazard {formula}; race time {time}, place {race['place']:,} of {race['headcount']:,}; {leave}"
        )

    def _scaled(self, hazard: float) -> float:
        workforce = self.model.workforce
        cells = [
            (
                termination_hazard(workforce, self.year, cell["age_band"], cell["tenure_band"]),
                cell["employees"],
            )
            for cell in self._rows("exposed_cells")
        ]
        return scaled_to_target(hazard, cells, float(workforce.total_termination_rate.at(self.year)))

    def _effective_date(self, kind: str) -> date:
        shares = sorted(getattr(self.model.compensation.effective_dates, kind).items())
        u = self._draw(f"{kind}_date")
        reached = Decimal(0)
        for month_day, share in shares:
            reached += share
            if len(shares) == 1 or u < reached:
                return date.fromisoformat(f"{self.year}-{month_day}")
        raise AssertionError("the shares of effective dates add up to 1, and a draw is below 1")

    def _must_agree(self, kind: str, hazard: float, u: float) -> None:
        """Raise RecomputedOtherwise if the event of this kind has a different hazard or draw."""
        event = self.events.get(kind)
        if event is None:
            return
        if event["draw"] != u or not math.isclose(event["hazard"], hazard, rel_tol=TOLERANCE):
            raise RecomputedOtherwise(
                f"{self.path['employee']}, {self.year}, {kind}: the event has hazard {event['hazard']} and "
                f"draw {event['draw']}, recomputed are {hazard} and {u}: events or settings were changed"
            )

    def _must_happen(self, kind: str, is_due: bool) -> None:
        """Raise RecomputedOtherwise if an event of this kind is due and missing, or not due and present."""
        if is_due != (kind in self.events):
            found, due = ("an", "none is") if kind in self.events else ("no", "one is")
            raise RecomputedOtherwise(
                f"{self.path['employee']}, {self.year}: there is {found} event of type {kind}, "
                f"but by hazard and draw {due} due: events or settings were changed"
            )

    def _draw(self, stream: str) -> float:
        return draw(self.model.seed, self.year, self.path["replicate"], stream, self.path["employee"])

    def _rows(self, name: str) -> list[Row]:
        query = read_query(__package__, name)
        parameters = {"year": self.year, "seed": self.model.seed, **self.path}
        used = {key: value for key, value in parameters.items() if f"${key}" in query}
        return query_rows(self.connection, query, used)


def _described(event: Row, money: Money) -> str:
    before, after = event["salary_before"], event["salary_after"]
    match event["event_type"]:
        case "hire":
            return f"hired at {money.to_the_cent(after)}"
        case "termination":
            return f"leaves ({event['event_reason'].replace('_', ' ')})"
        case "promotion":
            name = f"promotion to level {event['level_after']}"
        case "cola":
            name = "COLA"
        case kind:
            name = kind
    change = f" ({after / before - 1:+.1%})" if before else ""
    return f"{name}: {money.to_the_cent(before)} → {money.to_the_cent(after)}{change}"


def _unknown(connection: duckdb.DuckDBPyConnection, record: RunRecord, path: Mapping[str, Any]) -> str:
    if not 1 <= path["replicate"] <= record.replicates:
        return f"--replicate: {path['replicate']} is not one of 1 to {record.replicates}"
    similar = query_rows(connection, read_query(__package__, "similar_employees"), path)
    near = ", ".join(row["employee_id"] for row in similar) or "none, as there are no employees"
    return (
        f"no employee has id {path['employee']!r} in scenario {path['scenario']}, replicate "
        f"{path['replicate']}; an id is that of the census, verbatim, or of a hire, such as H2025-0000001; "
        f"similar ids: {near}"
    )
