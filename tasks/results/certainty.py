"""Sentences on how far a chance over replicates can be trusted: what varies between them, what does not."""

from collections.abc import Iterable, Iterator, Sequence

from tasks.results.drawn import what_differs_between_replicates
from tasks.runs.calendar import recorded_calendar
from tasks.runs.record import RunRecord
from tasks.studies.chance import Chance
from tasks.text.calendar import stub_note, year_label

#: Replicates for an interval of at most ±10 and ±5 percentage points, by Wilson's interval of one half.
FOR_TEN_POINTS, FOR_FIVE_POINTS = 100, 400


def certainty(record: RunRecord, chances: Sequence[Chance]) -> Iterator[str]:
    """Yield sentences on the chances of a run's goals."""
    if record.replicates == 1:
        yield (
            "With one replicate a goal holds or does not; this is not a chance. "
            f"--replicates {FOR_TEN_POINTS} states it within ±10 percentage points, {FOR_FIVE_POINTS} within "
            "±5."
        )
    yield what_differs_between_replicates(record)
    vary = record.settings["simulation"].get("vary", ["chance"])
    if record.uncertainty is None or not {"parameters", "years"} & {*vary}:
        yield (
            "Nobody knows the rates exactly, and years differ: a chance above 50 % is therefore overstated "
            "as a rule, and one below 50 % understated. Setting simulation.uncertainty, a file that "
            "command workforce fit writes, adds what is missing."
        )
    if same := list(_same(chances)):
        modes = {entry.settings["simulation"]["mode"] for entry in record.scenarios}
        why = " (in mode exact, counts are quotas)" if modes == {"exact"} else ""
        yield f"The same in all replicates{why}, so that the goal holds in all or none: {'; '.join(same)}."
    calendar = recorded_calendar(record)
    if calendar.has_stub and (open_goals := _named(one for one in chances if one.goal.goal.year is None)):
        yield (
            f"Without a year a goal must hold in every year, {year_label(calendar, calendar.first_year)} "
            f"included, which is {stub_note(calendar)}: {'; '.join(open_goals)}."
        )
    for one in chances:
        if one.without_value:
            yield (
                f"In {one.without_value:,} of {one.replicates:,} replicates of {one.scenario_id} nobody "
                f"is employed, so that there is no figure for {one.goal.name!r}; there the goal counts as "
                "missed."
            )


def _same(chances: Sequence[Chance]) -> Iterator[str]:
    """Yield the goals whose figure does not vary, with the scenarios unless it varies in none."""
    for name in _named(chances):
        of_goal = [one for one in chances if one.goal.name == name]
        same = [one.scenario_id for one in of_goal if one.is_same]
        if same:
            yield name if len(same) == len(of_goal) else f"{name} ({', '.join(same)})"


def _named(chances: Iterable[Chance]) -> list[str]:
    return list(dict.fromkeys(one.goal.name for one in chances))
