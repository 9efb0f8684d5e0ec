"""The levers of page What-if: what can be moved, from a scenario's settings, and the overrides that follow.

A lever has one number. Where the settings have one number for all years, it is that number; where they have
one per year, the lever shifts or scales all of them, or each year has a number of its own (`Move.by_year`).
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from settings import Settings, settings_document
from settings.models.targets import Segment

#: `share`: percent; `points`: percentage points added in every year; `factor`: multiplies; `amount`: money.
Unit = Literal["share", "points", "factor", "amount", "people"]
UNITS: Mapping[Unit, str] = {
    "share": "%",
    "points": "percentage points",
    "factor": "×",
    "amount": "",
    "people": "people",
}
DECIMALS: Mapping[Unit, int] = {"share": 2, "points": 2, "factor": 2, "amount": 0, "people": 0}
#: Decimals of a value of the settings: more come from binary fractions only.
PRECISION = 8


@dataclass(frozen=True)
class Lever:
    """Something that can be moved: its settings, its value now, and the range of its slider."""

    name: str  # in the address and in widgets
    group: str
    label: str
    help: str
    keys: tuple[str, ...]  # dotted keys of the settings
    unit: Unit
    now: float  # in the unit: percent for shares
    lowest: float
    highest: float
    step: float
    path: Mapping[int, float] = field(default_factory=dict)  # year -> value, in percent, people or money
    segment: int | None = None  # the position of the segment whose growth it is

    @property
    def heading(self) -> str:
        """The label with its unit."""
        unit = UNITS[self.unit]
        return f"{self.label} ({unit})" if unit else self.label

    @property
    def is_by_year(self) -> bool:
        """Whether each year can have a number of its own."""
        return bool(self.path)

    def held(self, value: float) -> float:
        """Return the value within the slider's range, rounded to the decimals of the unit."""
        return round(min(max(value, self.lowest), self.highest), DECIMALS[self.unit])


@dataclass(frozen=True)
class Move:
    """Where a lever stands: one number, or one per year."""

    value: float | None = None
    by_year: Mapping[int, float] | None = None


#: Where the levers stand that were moved, by name.
Moves = Mapping[str, Move]


def levers_of(settings: Settings) -> list[Lever]:
    """Return the levers that matter with these settings, in the order of the page."""
    document = settings_document(settings)
    years = list(settings.simulation.years)
    make = _Maker(document, years)
    limits = settings.simulation.limits
    growth = float(limits.min_growth) * 100, float(limits.max_growth) * 100
    found: list[Lever] = []
    if settings.hiring.hires is None:
        found.append(
            make.share(
                "growth",
                "Headcount",
                "Growth of headcount",
                "simulation.target_growth_rate",
                growth,
                0.1,
                "Share of the opening headcount per year, also of everybody outside the segments",
            )
        )
        found += _segments(settings, make)
    else:
        found.append(make.people("hires", "Headcount", "Hires per year", "hiring.hires"))
    if settings.simulation.mode == "rates":
        causes = tuple(f"workforce.termination.{cause}.base" for cause in settings.workforce.termination)
        found.append(
            make.factor(
                "leaving",
                "Headcount",
                "Leaving",
                causes,
                "Multiplies the base rate of every cause of leaving",
            )
        )
    else:
        found.append(
            make.share(
                "turnover",
                "Headcount",
                "Terminations",
                "workforce.total_termination_rate",
                (0, 50),
                0.5,
                "Share of the opening headcount that leaves per year",
            )
        )
    found.append(
        make.share(
            "new_hires",
            "Headcount",
            "Terminations of new hires",
            "workforce.new_hire_termination_rate",
            (0, 100),
            1,
            "Share of the year's hires that leaves in the same year",
        )
    )
    found += [
        make.share(
            "merit",
            "Pay",
            "Merit budget",
            "compensation.merit_budget",
            (0, 15),
            0.1,
            "Share of the eligible payroll per year",
        ),
        make.share(
            "cola",
            "Pay",
            "General increase (COLA)",
            "compensation.cola_rate",
            (0, 15),
            0.1,
            "Share of everybody's salary per year",
        ),
        make.factor(
            "promotion",
            "Pay",
            "Promotions",
            ("workforce.promotion.base",),
            "Multiplies the base rate of promotion; 2 is twice as likely",
        ),
        make.factor(
            "ranges",
            "Pay",
            "Pay of hires",
            _ranges(settings),
            "Multiplies the pay range of every level, in which hires start and to which promotions lead",
            (0.5, 2),
        ),
        make.share(
            "benefits", "Cost rates", "Benefits", "cost.benefits.rate", (0, 60), 0.5, "Share of salary"
        ),
        make.amount(
            "benefits_amount", "Cost rates", "Benefits per employee and year", "cost.benefits.amount"
        ),
        make.share(
            "tax",
            "Cost rates",
            "Payroll tax",
            "cost.payroll_tax.rate",
            (0, 40),
            0.05,
            "Share of salary and bonus",
        ),
    ]
    return found


def overrides_of(settings: Settings, levers: list[Lever], moves: Moves) -> dict[str, Any]:
    """Return the settings that the moves change: dotted key -> value, as in a scenario file.

    A lever at its present value changes nothing. Values are not checked here.
    """
    before = settings_document(settings)
    after = deepcopy(before)
    for lever in levers:
        move = moves.get(lever.name)
        if move is not None:
            for key in lever.keys:
                _move(after, key, lever, move)
    keys = dict.fromkeys(key for lever in levers for key in lever.keys)
    return {key: _get(after, key) for key in keys if _get(after, key) != _get(before, key)}


@dataclass(frozen=True)
class _Maker:
    document: Mapping[str, Any]
    years: list[int]

    def share(
        self, name: str, group: str, label: str, key: str, reach: tuple[float, float], step: float, text: str
    ) -> Lever:
        value = _get(self.document, key)
        path = {year: round(number * 100, PRECISION) for year, number in self._by_year(value).items()}
        lever = Lever(name, group, label, text, (key,), "share", 0, reach[0], reach[1], step, path)
        return _at_present(lever, value, 100)

    def amount(self, name: str, group: str, label: str, key: str) -> Lever:
        value = _get(self.document, key)
        path = self._by_year(value)
        top = max(20_000.0, 3 * max(path.values()))
        lever = Lever(name, group, label, "Amount in currency units", (key,), "amount", 0, 0, top, 100, path)
        return _at_present(lever, value, 1)

    def people(self, name: str, group: str, label: str, key: str) -> Lever:
        value = _get(self.document, key)
        path = self._by_year(value)
        top = max(20.0, 3 * max(path.values()))
        text = "People hired per year; growth is an outcome"
        return _at_present(Lever(name, group, label, text, (key,), "people", 0, 0, top, 1, path), value, 1)

    def factor(
        self,
        name: str,
        group: str,
        label: str,
        keys: tuple[str, ...],
        text: str,
        reach: tuple[float, float] = (0, 3),
    ) -> Lever:
        return Lever(name, group, label, text, keys, "factor", 1, reach[0], reach[1], 0.05)

    def _by_year(self, value: Any) -> dict[int, float]:
        if isinstance(value, Mapping):
            return {year: float(value[str(year)]) for year in self.years}
        return dict.fromkeys(self.years, float(value))


def _at_present(lever: Lever, value: Any, scale: int) -> Lever:
    """Return the lever at the value of the settings: the number, or no change of one number per year."""
    if not isinstance(value, Mapping):
        now = round(float(value) * scale, PRECISION)
        return replace(lever, now=now, lowest=min(lever.lowest, now), highest=max(lever.highest, now))
    if lever.unit == "share":
        return replace(
            lever,
            unit="points",
            now=0,
            lowest=-10,
            highest=10,
            step=0.1,
            help=f"{lever.help}. The scenario has a value per year; this is added to each",
        )
    return replace(
        lever,
        unit="factor",
        now=1,
        lowest=0,
        highest=3,
        step=0.05,
        help=f"{lever.help}. The scenario has a value per year; this multiplies each",
    )


def _segments(settings: Settings, make: _Maker) -> Iterator[Lever]:
    """Yield a lever per segment that has a growth of its own."""
    targets = settings.targets
    for number, segment in enumerate(targets.segments if targets else ()):
        if segment.growth is not None:
            yield replace(_segment(segment, number, targets.by if targets else [], make), segment=number)


def _segment(segment: Segment, number: int, by: list[str], make: _Maker) -> Lever:
    value = make.document["targets"]["segments"][number]["growth"]
    path = {year: round(share * 100, PRECISION) for year, share in make._by_year(value).items()}
    lever = Lever(
        f"growth_{number}",
        "Headcount",
        f"Growth, {segment.name(by)}",
        "Share of the segment's opening headcount per year",
        ("targets.segments",),
        "share",
        0,
        -50,
        100,
        0.5,
        path,
    )
    return _at_present(lever, value, 100)


def _ranges(settings: Settings) -> tuple[str, ...]:
    return tuple(
        f"workforce.levels.{level}.{bound}"
        for level in settings.workforce.levels
        for bound in ("min_salary", "max_salary")
    )


def _move(document: dict[str, Any], key: str, lever: Lever, move: Move) -> None:
    """Put what a lever makes of a setting into the document."""
    if lever.segment is not None:
        holder, last = _get(document, key)[lever.segment], "growth"
    else:
        *sections, last = key.split(".")
        holder = _get(document, ".".join(sections))
    holder[last] = _moved(holder[last], lever, move, is_money=key.startswith("workforce.levels"))


def _moved(value: Any, lever: Lever, move: Move, *, is_money: bool) -> Any:
    scale = 100 if lever.unit in ("share", "points") else 1
    if move.by_year:
        return {str(year): _tidy(number / scale) for year, number in sorted(move.by_year.items())}
    if move.value is None or move.value == lever.now:
        return value
    if lever.unit in ("share", "amount", "people"):
        return _tidy(move.value / scale)

    def changed(number: float) -> float | int:
        new = number * move.value if lever.unit == "factor" else number + move.value / scale  # type: ignore[operator]
        digits = 2 if is_money or "amount" in lever.keys[0] else 0 if lever.name == "hires" else PRECISION
        return _tidy(round(new, digits))

    if isinstance(value, Mapping):
        return {year: changed(number) for year, number in value.items()}
    return changed(value)


def _tidy(number: float) -> float | int:
    rounded = round(number, PRECISION)
    return int(rounded) if rounded == int(rounded) else rounded


def _get(document: Mapping[str, Any], key: str) -> Any:
    value: Any = document
    for name in key.split("."):
        value = value[name]
    return value
