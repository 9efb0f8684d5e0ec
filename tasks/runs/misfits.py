"""What a scenario's settings say that the census contradicts: names that nobody has, targets that fail."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal
from functools import cached_property

import polars as pl

from settings import Scenario
from settings.errors import nearest
from settings.models.calendar import ONE_DAY, FiscalCalendar
from settings.models.targets import OTHERS, Segment, TargetSettings
from settings.models.workforce import ATTRIBUTES, NO_VALUE, value_of
from tasks.census.read import Census
from tasks.runs.part_of_year import growth_in_part_of_year, year_fraction
from tasks.text.calendar import year_label


def misfits(scenario: Scenario, census: Census, plan: pl.DataFrame | None = None) -> Iterator[str]:
    """Yield a line for each setting of a scenario that the census contradicts: key, value, what is allowed.

    `plan` are the scenario's known actions, with a column per dimension: what they name may be new.
    """
    names = _Names(scenario, census, plan)
    found = (*_levels(scenario, census), *_hire_mix(scenario, names), *_factors(scenario, names))
    found = (*found, *_transfer(scenario, names), *_targets(scenario, names))
    found = found or (*_new_segments(scenario, census),)
    yield from (f"scenario {scenario.id}: {problem}" for problem in found)
    if not found and scenario.settings.targets:
        yield from (f"scenario {scenario.id}: {problem}" for problem in _balance(scenario, census, plan))


@dataclass(frozen=True)
class _Names:
    """The dimensions and their values that a scenario may name."""

    scenario: Scenario
    census: Census
    plan: pl.DataFrame | None
    _values: dict[str, set[str | None]] = field(default_factory=dict)

    @cached_property
    def dimensions(self) -> tuple[str, ...]:
        return tuple(self.census.dimensions)

    def absent(self, key: str, dimension: str) -> Iterator[str]:
        """Yield a problem if the census lacks a dimension."""
        if dimension not in self.dimensions:
            has = ", ".join(self.dimensions) or "no dimension"
            yield f"{key} names {dimension}, which the census does not have; it has {has}"

    def unknown(self, key: str, dimension: str, value: str | None) -> Iterator[str]:
        """Yield a problem if the census lacks a dimension, or if nobody has a value of it."""
        if dimension not in self.dimensions:
            yield from self.absent(key, dimension)
        elif value not in self._values_of(dimension):
            known = sorted(value or NO_VALUE for value in self._values_of(dimension))
            yield f"{key}: nobody in the census has {dimension} {value or NO_VALUE}; " + nearest(
                value or NO_VALUE, known
            )

    def _values_of(self, dimension: str) -> set[str | None]:
        if dimension not in self._values:
            mix = self.scenario.settings.hiring.dimension_mix or ()
            planned = self.plan is not None and dimension in self.plan.columns
            self._values[dimension] = {
                *self.census.employees[dimension].unique().to_list(),
                *(entry.values.get(dimension) for entry in mix),
                *(self.plan[dimension].drop_nulls() if self.plan is not None and planned else ()),
            }
        return self._values[dimension]


def _levels(scenario: Scenario, census: Census) -> Iterator[str]:
    levels = scenario.settings.workforce.levels
    found = census.employees.group_by("level").len().sort("level")
    for level, employees in found.filter(~pl.col("level").is_in(list(levels))).iter_rows():
        yield (
            f"{employees} employees are at level {level}, which it does not have; its workforce.levels: "
            f"{', '.join(map(str, levels))}"
        )


def _hire_mix(scenario: Scenario, names: _Names) -> Iterator[str]:
    """A mix may name values that nobody has: hires bring them."""
    for entry in (scenario.settings.hiring.dimension_mix or [])[:1]:  # all entries name the same dimensions
        for dimension in entry.values:
            yield from names.absent("hiring.dimension_mix", dimension)


def _factors(scenario: Scenario, names: _Names) -> Iterator[str]:
    for rate, factors in scenario.settings.workforce.factors_by_rate.items():
        for attribute, table in factors.items():
            key = f"workforce.{rate}.factors.{attribute}"
            if attribute not in ATTRIBUTES and attribute not in names.dimensions:
                yield from names.absent(key, attribute)
            elif attribute not in ATTRIBUTES:
                for value in table:
                    yield from names.unknown(f"{key}.{value}", attribute, value_of(value))


def _transfer(scenario: Scenario, names: _Names) -> Iterator[str]:
    transfer = scenario.settings.workforce.transfer
    if transfer and transfer.by not in names.dimensions:
        yield from names.absent("workforce.transfer.by", transfer.by)
    elif transfer:
        for value in transfer.to or ():
            yield from names.unknown(f"workforce.transfer.to.{value}", transfer.by, value_of(value))


def _targets(scenario: Scenario, names: _Names) -> Iterator[str]:
    targets = scenario.settings.targets
    if targets is None:
        return
    absent = [name for name in targets.by if name != "level" and name not in names.dimensions]
    for name in absent:
        yield from names.absent("targets.by", name)
    for number, segment in enumerate(targets.segments):
        for name, value in segment.dimensions.items():
            if name not in absent:
                yield from names.unknown(f"targets.segments.{number}.where.{name}", name, value)


def _new_segments(scenario: Scenario, census: Census) -> Iterator[str]:
    """Yield a problem for each segment that would be closed, since it is new in the elapsed part of a stub.

    Its growth counts from when the fiscal year began, and nobody was in it then.
    """
    settings, targets = scenario.settings, scenario.settings.targets
    if targets is None or census.actual_spells is None:
        return
    calendar = settings.simulation.calendar
    begins = calendar.first_day(calendar.first_year)
    counts = zip(_headcounts(targets, _employed(census))[0], _base(targets, census, calendar)[0], strict=True)
    for number, (segment, (opening, base)) in enumerate(zip(targets.segments, counts, strict=True)):
        if opening and not base and not segment.headcount:
            yield (
                f"targets.segments.{number} ({segment.name(targets.by)}): {opening:,} people on the opening "
                f"date, but past lists show nobody when the fiscal year began on {begins}, from which growth "
                "counts: its target would be 0. Give it a headcount instead of a growth, or correct the lists"
            )


def _balance(scenario: Scenario, census: Census, plan: pl.DataFrame | None) -> Iterator[str]:
    """Yield a problem for the first year in which the rest could not balance the segments.

    The headcounts from which growth counts in the first year are known, whatever happens in it: those of the
    census, or of past lists when the fiscal year began. A later year opens with those at which the year
    before closed: its targets, if these are met to the person. Otherwise only the simulation knows.
    """
    settings, targets = scenario.settings, scenario.settings.targets
    if targets is None or targets.others != "balance":
        return
    unknown_from, calendar = _first_unknown_year(scenario, plan), settings.simulation.calendar
    headcounts, total = _base(targets, census, calendar)
    is_whole = census.actual_spells is not None  # the targets of a stub are then those of the whole year
    for year in settings.simulation.years:
        if year >= unknown_from:
            return
        share = 1.0 if is_whole else year_fraction(calendar, year)
        growth = _in_part(settings.simulation.target_growth_rate.at(year), share)
        headcounts = [
            _closing(segment, headcount, growth, share, year)
            for segment, headcount in zip(targets.segments, headcounts, strict=True)
        ]
        opening, total = total, _rounded(total * (1 + growth))
        if sum(headcounts) > total:
            parts = " + ".join(
                f"{headcount:,} ({segment.name(targets.by)})"
                for segment, headcount in zip(targets.segments, headcounts, strict=True)
            )
            yield (
                f"targets.others = balance: in {year_label(calendar, year)} the segments need {parts} = "
                f"{sum(headcounts):,} people, but the total target is {opening:,} x "
                f"(1 + {growth.normalize():f}) = {total:,}, so that {OTHERS} would have "
                f"{total - sum(headcounts):,}; lower the segments' targets or raise "
                "simulation.target_growth_rate"
            )
            return


def _first_unknown_year(scenario: Scenario, plan: pl.DataFrame | None) -> int:
    """Return the first year whose opening headcounts the settings do not determine.

    Segments miss their targets by the leavers among hires, if these are drawn one by one, and by known hires
    beyond what the target asks for. Hires make up for leavers, transfers and promotions to the person.
    """
    simulation, workforce = scenario.settings.simulation, scenario.settings.workforce
    calendar = simulation.calendar
    days = [] if plan is None else plan.filter(action="hire")["action_date"].to_list()
    hire_years = {calendar.year_of(day) for day in days if day > calendar.opening_date}
    for year in simulation.years:
        is_drawn = simulation.mode != "exact" and workforce.new_hire_termination_rate.at(year) > 0
        if is_drawn or year in hire_years:
            return year + 1
    return simulation.end_year + 1


def _base(targets: TargetSettings, census: Census, calendar: FiscalCalendar) -> tuple[list[int], int]:
    """Return the headcount of each segment and of all from which the first year's growth counts."""
    spells = census.actual_spells
    if spells is None:
        return _headcounts(targets, _employed(census))
    before = calendar.first_day(calendar.first_year) - ONE_DAY
    has_begun, stays = pl.col("from_date") <= before, (pl.col("to_date") > before) | ~pl.col("is_exit")
    return _headcounts(targets, spells.filter(has_begun & stays))


def _employed(census: Census) -> pl.DataFrame:
    """Return the employees of the opening date."""
    return census.employees.filter(pl.col("termination_date").is_null())


def _headcounts(targets: TargetSettings, people: pl.DataFrame) -> tuple[list[int], int]:
    """Return the number of people in each segment, and of all."""
    people = people.with_columns(pl.col("level").cast(pl.String))
    return [
        people.filter(
            pl.all_horizontal(
                pl.col(name).eq_missing(pl.lit(value, pl.String)) for name, value in segment.where.items()
            )
        ).height
        for segment in targets.segments
    ], people.height


def _closing(segment: Segment, headcount: int, growth: Decimal, share: float, year: int) -> int:
    if segment.headcount:
        return segment.headcount.at(year)
    own = _in_part(segment.growth.at(year), share) if segment.growth else growth
    return _rounded(headcount * (1 + own))


def _in_part(growth: Decimal, share: float) -> Decimal:
    """Return a year's growth in a share of the year's days."""
    return growth if share == 1 else Decimal(str(growth_in_part_of_year(float(growth), share)))


def _rounded(number: Decimal) -> int:
    return int((number + Decimal("0.5")).to_integral_value(ROUND_FLOOR))
