"""Rules on relations between settings, which no single field can check.

Each rule yields a `Violation` per wrong key and declares which keys it reads, so that
the loader can skip a rule whose input is already wrong.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from settings.errors import nearest
from settings.models.base import Yearly
from settings.models.calendar import ONE_DAY
from settings.models.goals import part_problem, year_problem
from settings.models.hiring import MIN_AGE_AT_HIRE
from settings.models.simulation import HIGHEST_GROWTH, LOWEST_GROWTH
from settings.models.workforce import NO_VALUE

if TYPE_CHECKING:
    from settings.models.settings import Settings
    from settings.models.targets import TargetSettings


@dataclass(frozen=True)
class Violation:
    """A key whose value conflicts with other settings (`reads`), and what is allowed."""

    key: str
    allowed: str
    reads: tuple[str, ...] = ()


Rule = Callable[["Settings"], Iterator[Violation]]
_RULES: list[tuple[tuple[str, ...], Rule]] = []


def _rule(*reads: str) -> Callable[[Rule], Rule]:
    def register(rule: Rule) -> Rule:
        _RULES.append((reads, rule))
        return rule

    return register


def violations(settings: "Settings") -> list[Violation]:
    """Return every violation of every rule."""
    return [
        Violation(found.key, found.allowed, (*reads, *found.reads, found.key))
        for reads, rule in _RULES
        for found in rule(settings)
    ]


def yearly_settings(group: Any, prefix: str = "") -> Iterator[tuple[str, Yearly[Any]]]:
    """Yield (dotted key, value) of every setting that may differ by year."""
    if isinstance(group, Yearly):
        yield prefix, group
    elif isinstance(group, BaseModel):
        for name in type(group).model_fields:
            yield from yearly_settings(getattr(group, name), f"{prefix}.{name}".lstrip("."))
    elif isinstance(group, dict | list):
        entries: Iterable[tuple[Any, Any]] = group.items() if isinstance(group, dict) else enumerate(group)
        for name, value in entries:
            yield from yearly_settings(value, f"{prefix}.{name}")


def _listed(names: Any) -> str:
    return ", ".join(str(name) for name in names)


@_rule("simulation.start_year", "simulation.limits.max_years")
def _years_in_order(settings: "Settings") -> Iterator[Violation]:
    simulation = settings.simulation
    longest = simulation.limits.max_years
    last = simulation.start_year + longest - 1
    if not simulation.start_year <= simulation.end_year <= last:
        yield Violation(
            "simulation.end_year",
            f"a year from {simulation.start_year} (simulation.start_year) to {last} is allowed, "
            f"at most {longest} years; simulation.limits.max_years widens it",
        )


@_rule("simulation.start_year", "simulation.end_year", "census.dimensions")
def _goals_are_about_the_run(settings: "Settings") -> Iterator[Violation]:
    simulation = settings.simulation
    for number, goal in enumerate(settings.goals):
        for problem in (
            year_problem(goal.terms, simulation.start_year, simulation.end_year),
            part_problem(goal.terms.subject, settings.census.dimensions),
        ):
            if problem:
                yield Violation(f"goals.{number}.goal", problem)


@_rule("simulation.start_year", "simulation.fiscal_year_start")
def _opens_in_the_first_year(settings: "Settings") -> Iterator[Violation]:
    simulation, calendar = settings.simulation, settings.simulation.calendar
    if calendar.first_year != simulation.start_year:
        year = simulation.start_year
        first, last = calendar.first_day(year) - ONE_DAY, calendar.last_day(year) - ONE_DAY
        yield Violation(
            "simulation.opening_date",
            f"a date from {first} to {last} is allowed, so that {calendar.name(year)} "
            "(simulation.start_year) is the first year with days to simulate; for this opening date set "
            f"simulation.start_year: {calendar.first_year}",
        )


@_rule("simulation.start_year", "simulation.end_year")
def _years_covered(settings: "Settings") -> Iterator[Violation]:
    for key, yearly in yearly_settings(settings):
        missing = [year for year in settings.simulation.years if not yearly.covers(year)]
        if missing:
            yield Violation(
                key,
                f"one number, or a number for each year of the run is expected; missing: {_listed(missing)}",
            )


@_rule("simulation.limits")
def _growth_within_limits(settings: "Settings") -> Iterator[Violation]:
    simulation = settings.simulation
    low, high = simulation.limits.min_growth, simulation.limits.max_growth
    if low > high:
        yield Violation("simulation.limits.min_growth", f"at most max_growth ({high}) is allowed")
        return
    for year, growth in simulation.target_growth_rate.items():
        if not low <= growth <= high:
            key = "simulation.target_growth_rate"
            yield Violation(
                key if year is None else f"{key}.{year}",
                f"a number from {low} to {high} is allowed; simulation.limits widens it, in the settings "
                f"file or by --set, to {LOWEST_GROWTH} to {HIGHEST_GROWTH} at most",
            )


@_rule()
def _levels_in_order(settings: "Settings") -> Iterator[Violation]:
    levels = settings.workforce.levels
    if sorted(levels) != list(range(1, len(levels) + 1)):
        yield Violation(
            "workforce.levels",
            f"levels numbered from 1 without a gap are expected, found: {_listed(sorted(levels))}",
        )
        return
    for number, level in levels.items():
        below = levels.get(number - 1)
        for year in settings.simulation.years:
            if not (level.min_salary.covers(year) and level.max_salary.covers(year)):
                break  # reported by the rule on years
            if level.min_salary.at(year) > level.max_salary.at(year):
                yield Violation(
                    f"workforce.levels.{number}.max_salary",
                    f"at least {level.min_salary.at(year)} is allowed, the level's min_salary ({year})",
                    (f"workforce.levels.{number}.min_salary",),
                )
                break
            if (
                below
                and below.min_salary.covers(year)
                and below.min_salary.at(year) >= level.min_salary.at(year)
            ):
                yield Violation(
                    f"workforce.levels.{number}.min_salary",
                    f"more than {below.min_salary.at(year)} is allowed, "
                    f"level {number - 1}'s min_salary ({year})",
                    (f"workforce.levels.{number - 1}.min_salary",),
                )
                break


@_rule("workforce.age_bands", "workforce.tenure_bands", "workforce.levels", "census.dimensions")
def _factors_name_what_exists(settings: "Settings") -> Iterator[Violation]:
    workforce, dimensions = settings.workforce, settings.census.dimensions
    values = {
        "age": workforce.age_band_labels,
        "tenure": workforce.tenure_band_labels,
        "level": [str(level) for level in sorted(workforce.levels)],
    }
    for rate, factors in workforce.factors_by_rate.items():
        for attribute, table in factors.items():
            key = f"workforce.{rate}.factors.{attribute}"
            if attribute not in (*values, *dimensions):
                yield Violation(
                    key,
                    "an attribute of employees is expected: age, tenure, level, or one of census.dimensions; "
                    f"{nearest(attribute, (*values, *dimensions))}",
                )
            for value in table:
                if attribute in values and value not in values[attribute]:
                    what = "level" if attribute == "level" else f"band of workforce.{attribute}_bands"
                    yield Violation(
                        f"{key}.{value}", f"a {what} is expected; {nearest(value, values[attribute])}"
                    )


@_rule()
def _somebody_can_leave_of_each_cause(settings: "Settings") -> Iterator[Violation]:
    """The lowest mandatory age ends every employment, so that nothing can be asked of older employees."""
    causes = settings.workforce.termination
    ages = {name: cause.mandatory_age for name, cause in causes.items() if cause.mandatory_age is not None}
    if not ages:
        return
    first = min(ages, key=ages.__getitem__)
    age, of = ages[first], f"workforce.termination.{first}.mandatory_age"
    leave = f"everyone leaves at {age} ({of})"
    for name, cause in causes.items():
        key = f"workforce.termination.{name}"
        if cause.eligible and cause.eligible.min_age >= age:
            yield Violation(
                f"{key}.eligible.min_age",
                f"at most {age - 1} is allowed: {leave}, so that nobody is eligible",
                (of,),
            )
        longest = age - 1 - MIN_AGE_AT_HIRE
        if cause.eligible and cause.eligible.min_tenure > longest:
            yield Violation(
                f"{key}.eligible.min_tenure",
                f"at most {max(longest, 0)} is allowed: {leave}, and nobody is hired below "
                f"{MIN_AGE_AT_HIRE}, so that nobody is eligible",
                (of,),
            )


@_rule("census.dimensions")
def _transfer_changes_a_dimension(settings: "Settings") -> Iterator[Violation]:
    transfer, dimensions = settings.workforce.transfer, settings.census.dimensions
    if transfer and transfer.by not in dimensions:
        yield Violation(
            "workforce.transfer.by",
            f"a dimension of census.dimensions is expected; {nearest(transfer.by, dimensions)}",
        )


@_rule("census.dimensions", "workforce.levels")
def _segments_are_told_apart(settings: "Settings") -> Iterator[Violation]:
    targets = settings.targets
    if targets is None:
        return
    known = (*settings.census.dimensions, "level")
    unknown = [name for name in targets.by if name not in known]
    for name in unknown:
        yield Violation(
            "targets.by", f"level or dimensions of census.dimensions are expected; {nearest(name, known)}"
        )
    if unknown:
        return
    levels = [str(level) for level in sorted(settings.workforce.levels)]
    for number, segment in enumerate(targets.segments):
        key = f"targets.segments.{number}.where"
        for name in segment.where:
            if name not in targets.by:
                yield Violation(f"{key}.{name}", f"an attribute of targets.by; {nearest(name, targets.by)}")
        level = segment.where.get("level", levels[0])
        if level not in levels:
            yield Violation(f"{key}.level", f"a level is expected; {nearest(level or NO_VALUE, levels)}")
    yield from _overlaps(targets)


def _overlaps(targets: "TargetSettings") -> Iterator[Violation]:
    """Segments that can have an employee in common: no attribute of both has different values."""
    for (one, first), (other, second) in combinations(enumerate(targets.segments), 2):
        shared = first.where.keys() & second.where.keys()
        if all(first.where[name] == second.where[name] for name in shared):
            yield Violation(
                f"targets.segments.{other}.where",
                f"segments that exclude each other are expected; this one overlaps with "
                f"targets.segments.{one}.where ({first.name(targets.by)})",
            )


@_rule("hiring.hires")
def _hires_or_headcounts(settings: "Settings") -> Iterator[Violation]:
    """With a number of hires, growth is an outcome."""
    targets = settings.targets
    if targets is None or settings.hiring.hires is None:
        return
    outcome = "growth is an outcome of hiring.hires"
    for number, segment in enumerate(targets.segments):
        for name in ("growth", "headcount"):
            if getattr(segment, name) is not None:
                yield Violation(f"targets.segments.{number}.{name}", f"null is expected: {outcome}")
    if targets.others == "balance":
        yield Violation("targets.others", f"same is expected: {outcome}, so that there is no gap to close")


@_rule("workforce.levels")
def _merit_matches_levels(settings: "Settings") -> Iterator[Violation]:
    levels = sorted(settings.workforce.levels)
    yield from _same_keys(
        "compensation.merit_multipliers",
        found=settings.compensation.merit_multipliers,
        wanted=levels,
        what=f"one multiplier for each level of workforce.levels ({_listed(levels)}) is expected",
    )
    unknown = [level for level in settings.hiring.level_mix if level not in levels]
    if unknown:
        yield Violation(
            "hiring.level_mix",
            f"levels of workforce.levels ({_listed(levels)}) are allowed; unknown: {_listed(unknown)}",
        )


def _same_keys(key: str, *, found: Any, wanted: Any, what: str) -> Iterator[Violation]:
    missing = [name for name in wanted if name not in found]
    unknown = [name for name in found if name not in wanted]
    parts = [
        f"{word}: {_listed(names)}" for word, names in (("missing", missing), ("unknown", unknown)) if names
    ]
    if parts:
        yield Violation(key, f"{what}; {'; '.join(parts)}")


@_rule("workforce.promotion_raise.min")
def _raise_in_order(settings: "Settings") -> Iterator[Violation]:
    promotion_raise = settings.workforce.promotion_raise
    if promotion_raise.min > promotion_raise.max:
        yield Violation("workforce.promotion_raise.max", f"at least min ({promotion_raise.min}) is allowed")


@_rule("census.dimensions")
def _mix_names_dimensions(settings: "Settings") -> Iterator[Violation]:
    dimensions = settings.census.dimensions
    for entry in (settings.hiring.dimension_mix or [])[:1]:  # all entries name the same dimensions
        unknown = [name for name in entry.values if name not in dimensions]
        if unknown:
            yield Violation(
                "hiring.dimension_mix",
                f"{_listed(dimensions)} (census.dimensions) are allowed; unknown: {_listed(unknown)}",
            )


@_rule("census.dimensions")
def _columns_are_known(settings: "Settings") -> Iterator[Violation]:
    known = ["employee_id", "birth_date", "hire_date", "salary", "termination_date", "level", "fte"]
    known += settings.census.dimensions
    for name in settings.census.columns:
        if name not in known:
            yield Violation(
                f"census.columns.{name}",
                f"a census column or a dimension of census.dimensions is allowed: {_listed(known)}",
            )
