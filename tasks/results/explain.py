"""One employee's timeline: what happened, by which hazard and draw, and why nothing did where nothing did.

Every draw is computed again from the documented hash and every hazard from the settings in run.json,
not read from the events; where an event holds them too, both must agree.
"""

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb

from settings.errors import InputError
from settings.models.compensation import CompensationSettings
from settings.models.workforce import WorkforceSettings
from tasks.runs.record import RunRecord
from tasks.text.money import Money

Row = dict[str, Any]


class RecomputedOtherwise(RuntimeError):
    """An event holds another hazard or draw than the documentation gives."""


@dataclass(frozen=True)
class Moment:
    """A line of the timeline."""

    year: int
    date: date | None  # None: of what did not happen
    what: str
    why: str


@dataclass(frozen=True)
class Model:
    """The part of the settings that an explanation needs, and how amounts are written."""

    seed: int
    mode: str
    workforce: WorkforceSettings
    compensation: CompensationSettings
    new_hire_rate: Any
    money: Money

    @classmethod
    def of(cls, record: RunRecord, scenario_id: str) -> "Model":
        """Take it from run.json. Raises InputError where there is no such scenario."""
        by_id = {scenario.id: scenario.settings for scenario in record.scenarios}
        if scenario_id not in by_id:
            raise InputError(
                f"--scenario: there is no scenario {scenario_id!r}; there are: {', '.join(by_id)}"
            )
        settings = by_id[scenario_id]
        workforce = WorkforceSettings.model_validate(settings["workforce"])
        return cls(
            record.seed,
            settings["simulation"]["mode"],
            workforce,
            CompensationSettings.model_validate(settings["compensation"]),
            workforce.new_hire_termination_rate,
            Money.of(record),
        )


@dataclass(frozen=True)
class Hazard:
    """A probability and how it comes about."""

    value: float
    formula: str


def draw(seed: int, year: int, replicate: int, stream: str, employee_id: str) -> float:
    """The uniform draw in [0, 1): md5's first eight bytes, little-endian, their top 53 bits over 2^53.

    >>> draw(42, 2025, 1, "termination", "E0001") == draw(42, 2025, 1, "termination", "E0001")
    True
    """
    digest = hashlib.md5(draw_text(seed, year, replicate, stream, employee_id).encode()).digest()
    return (int.from_bytes(digest[:8], "little") >> 11) / 2**53


def draw_text(seed: int, year: int, replicate: int, stream: str, employee_id: str) -> str:
    """The text that is hashed."""
    return f"{seed}|{year}|{replicate}|{stream}|{employee_id}"


def timeline(
    connection: duckdb.DuckDBPyConnection,
    record: RunRecord,
    employee_id: str,
    scenario_id: str,
    replicate: int = 1,
) -> list[Moment]:
    """Tell an employee's years in one path.

    Raises InputError where the path does not know the employee, RecomputedOtherwise where an event
    contradicts its documented draw or hazard.
    """
    model = Model.of(record, scenario_id)
    path = {"scenario": scenario_id, "replicate": replicate, "employee": employee_id}
    states = _rows(connection, _STATES, path)
    if not states:
        raise InputError(_unknown(connection, record, path))
    events = _rows(connection, _EVENTS, path)
    moments: list[Moment] = []
    for state in states:
        of_year = [event for event in events if event["simulation_year"] == state["simulation_year"]]
        moments += _Year(connection, model, path, state, of_year).moments()
    return moments


class _Year:
    """One year of one employee."""

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
                self.year, event["event_date"], _told(event, self.model.money), explain[event["event_type"]]()
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
            return "nobody is promoted in the year of hire"
        hazard, u = self._promotion_hazard(), self._draw("promotion")
        self._must_agree("promotion", hazard.value, u)
        if "promotion" in self.events:
            return f"draw {u:.6f} < hazard {hazard.formula}"
        if u < hazard.value:
            return f"drawn ({u:.6f} < hazard {hazard.formula}), but it {self._gone_before('promotion')}"
        return f"draw {u:.6f} >= hazard {hazard.formula}"

    def _promotion_hazard(self) -> Hazard:
        workforce, state, level = self.model.workforce, self.state, self.opening_level
        if level >= max(workforce.levels):
            return Hazard(0.0, "0 (top level)")
        settings = workforce.promotion_hazard
        base = settings.base.at(self.year)
        age, tenure = settings.age[state["age_band"]], settings.tenure[state["tenure_band"]]
        by_level = max(Decimal(0), 1 - settings.level_damping * (level - 1))
        value = min(1.0, float(base) * float(age) * float(tenure) * float(by_level))
        return Hazard(
            value,
            f"{value:.6f} = {base} x {age} (age {state['age_band']}) "
            f"x {tenure} (tenure {state['tenure_band']}) x {by_level} (level {level})",
        )

    def _termination(self) -> str:
        return self._hire_leaving() if self.is_hire else self._race()

    def _hire_leaving(self) -> str:
        u, rate = self._draw("new_hire_termination"), self.model.new_hire_rate.at(self.year)
        self._must_agree("termination", float(rate), u)
        if self.model.mode == "expected":
            return f"draw {u:.6f} {'<' if u < rate else '>='} rate {rate}"
        place, hires, leave = self._one(_HIRES)
        return f"draw {u:.6f}, place {place:,} of {hires:,} hires; the first {leave:,} leave (rate {rate})"

    def _race(self) -> str:
        state, hazard = self.state, self.model.workforce.termination_hazard
        age, tenure = hazard.age[state["age_band"]], hazard.tenure[state["tenure_band"]]
        value = self._leaving_hazard(state["age_band"], state["tenure_band"])
        by_age, by_tenure = f"{age} (age {state['age_band']})", f"{tenure} (tenure {state['tenure_band']})"
        formula = f"{value:.6f} = {hazard.base.at(self.year)} x {by_age} x {by_tenure}"
        u = self._draw("termination")
        if self.model.mode == "expected":
            scaled = self._scaled(value)
            self._must_agree("termination", scaled, u)
            sign = "<" if u < scaled else ">="
            reason = self.events.get("termination", {}).get("event_reason")
            more = "; one of the reductions" if reason == "reduction_in_force" and u >= scaled else ""
            return f"draw {u:.6f} {sign} {scaled:.6f}, the hazard {formula} scaled to the year's target{more}"
        self._must_agree("termination", value, u)
        place, headcount, experienced, reductions = self._place_in_race()
        time = (
            f"-ln(1 - {u:.6f}) / {value:.6f} = {-math.log(1 - u) / value:.4f}"
            if value
            else "never (hazard 0)"
        )
        leave = f"the first {experienced:,} leave"
        if reductions:
            leave += f", the next {reductions:,} by reduction in force"
        return f"hazard {formula}; race time {time}, place {place:,} of {headcount:,}; {leave}"

    def _leaving_hazard(self, age_band: str, tenure_band: str) -> float:
        hazard = self.model.workforce.termination_hazard
        base, age, tenure = hazard.base.at(self.year), hazard.age[age_band], hazard.tenure[tenure_band]
        return min(1.0, float(base) * float(age) * float(tenure))

    def _scaled(self, hazard: float) -> float:
        """Mode expected: the hazard times the factor at which all, capped at 1, sum to the target."""
        cells: list[tuple[float, int]] = [
            (self._leaving_hazard(age_band, tenure_band), employees)
            for age_band, tenure_band, employees in self._all(_CELLS)
        ]
        target = float(self.model.workforce.total_termination_rate.at(self.year)) * sum(n for _, n in cells)
        rest = sum(value * n for value, n in cells)
        for value, employees in sorted(cells, reverse=True):
            if value == 0:  # even all positive hazards at 1 are too few
                unexposed = sum(n for other, n in cells if other == 0)
                return target / unexposed if hazard == 0 else 1.0
            if target / rest * value <= 1:
                return min(1.0, target / rest * hazard)
            target, rest = target - employees, rest - value * employees
        return 1.0

    def _place_in_race(self) -> tuple[int, int, int, int]:
        """Place, opening headcount, and how many leave as experienced and by reduction in force."""
        hazard = self.model.workforce.termination_hazard
        base = float(hazard.base.at(self.year))
        place, headcount = self._one(
            _RACE,
            ages=list(hazard.age),
            age_multipliers=[float(value) for value in hazard.age.values()],
            tenures=list(hazard.tenure),
            tenure_multipliers=[float(value) for value in hazard.tenure.values()],
            base=base,
        )
        experienced, reductions = self._one(_LEAVERS)
        return place, headcount, experienced, reductions

    def _effective_date(self, kind: str) -> date:
        shares = sorted(getattr(self.model.compensation.effective_dates, kind).items())
        u = self._draw(f"{kind}_date")
        reached = Decimal(0)
        for month_day, share in shares:
            reached += share
            if len(shares) == 1 or u < reached:
                return date.fromisoformat(f"{self.year}-{month_day}")
        raise AssertionError("the shares of effective dates add up to 1, and a draw is below 1")

    def _must_agree(self, kind: str, hazard: float | None, u: float) -> None:
        event = self.events.get(kind)
        if event is None:
            return
        if event["draw"] != u or (
            hazard is not None and not math.isclose(event["hazard"], hazard, rel_tol=1e-12)
        ):
            raise RecomputedOtherwise(
                f"{self.path['employee']}, {self.year}, {kind}: the event holds hazard {event['hazard']} and "
                f"draw {event['draw']}, documented are {hazard} and {u}: events or settings were changed"
            )

    def _draw(self, stream: str) -> float:
        return draw(self.model.seed, self.year, self.path["replicate"], stream, self.path["employee"])

    def _one(self, query: str, **parameters: Any) -> tuple[Any, ...]:
        (found,) = self._all(query, **parameters)
        return found

    def _all(self, query: str, **parameters: Any) -> list[tuple[Any, ...]]:
        names = {"year": self.year, "seed": self.model.seed, **self.path, **parameters}
        used = {name: value for name, value in names.items() if f"${name}" in query}
        return self.connection.execute(query, used).fetchall()


_STATES = """
select * exclude (scenario_id, replicate), list_value(*columns(* exclude (
    scenario_id, replicate, simulation_year, employee_id, employment_status, birth_date, hire_date,
    termination_date, age, age_band, tenure, tenure_band, level, salary, prorated_compensation
))) as dimensions
from fct_workforce_snapshot
where scenario_id = $scenario and replicate = $replicate and employee_id = $employee
order by simulation_year
"""

_EVENTS = """
select * from fct_workforce_events
where scenario_id = $scenario and replicate = $replicate and employee_id = $employee
order by simulation_year, event_sequence
"""

_DRAW = """
(md5_number_upper(concat($seed, '|', $year, '|', $replicate, '|{stream}|', employee_id)) >> 11)::double
/ 9007199254740992
"""

# The exponential race once more: everyone who opened the year, by -ln(1 - u) / hazard.
_RACE = f"""
with opening as (
    select
        employee_id,
        least(
            1.0,
            $base::double * ($age_multipliers::double[])[list_position($ages, age_band)]
            * ($tenure_multipliers::double[])[list_position($tenures, tenure_band)]
        ) as hazard,
        {_DRAW.format(stream="termination")} as draw
    from fct_workforce_snapshot
    where
        scenario_id = $scenario and replicate = $replicate and simulation_year = $year
        and year(hire_date) < simulation_year
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

select place, headcount from ranked where employee_id = $employee
"""  # noqa: S608 - the stream's name is ours

_HIRES = f"""
with hires as (
    select
        employee_id, termination_date is not null as leaves,
        {_DRAW.format(stream="new_hire_termination")} as draw
    from fct_workforce_snapshot
    where
        scenario_id = $scenario and replicate = $replicate and simulation_year = $year
        and year(hire_date) = simulation_year
),

ranked as (
    select
        employee_id, row_number() over (order by draw, employee_id) as place, count(*) over () as hires,
        count_if(leaves) over () as leavers
    from hires
)

select place, hires, leavers from ranked where employee_id = $employee
"""  # noqa: S608 - the stream's name is ours

_CELLS = """
select age_band, tenure_band, count(*)
from fct_workforce_snapshot
where
    scenario_id = $scenario and replicate = $replicate and simulation_year = $year
    and year(hire_date) < simulation_year
group by all
"""

_LEAVERS = """
select experienced_terminations, reductions from fct_year_summary
where scenario_id = $scenario and replicate = $replicate and simulation_year = $year
"""


def _told(event: Row, money: Money) -> str:
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


def _rows(connection: duckdb.DuckDBPyConnection, query: str, path: Mapping[str, Any]) -> list[Row]:
    cursor = connection.execute(query, dict(path))
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _unknown(connection: duckdb.DuckDBPyConnection, record: RunRecord, path: Mapping[str, Any]) -> str:
    if not 1 <= path["replicate"] <= record.replicates:
        return f"--replicate: {path['replicate']} is none of 1 to {record.replicates}"
    examples = connection.execute(
        "select distinct employee_id from fct_workforce_snapshot where scenario_id = $1 and replicate = $2 "
        "order by jaro_winkler_similarity(employee_id, $3) desc, employee_id limit 3",
        [path["scenario"], path["replicate"], path["employee"]],
    ).fetchall()
    near = ", ".join(name for (name,) in examples) or "none, nobody is employed"
    return (
        f"nobody with id {path['employee']!r} is employed in scenario {path['scenario']}, replicate "
        f"{path['replicate']}; ids are the census's, verbatim, or H2025-0000001 of a hire; near it: {near}"
    )
