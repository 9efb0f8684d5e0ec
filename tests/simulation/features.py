"""Which features of the engine an example uses, and which rare situations arise in it, by name."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from settings import Settings
from tests.simulation.example import Example
from tests.simulation.model import Action, Event, Year

OUTCOMES = ("done", "not_drawn", "not_employed", "no_effect", "outside_years")
KINDS = ("hire", "cola", "promotion", "merit", "transfer", "raise", "fte", "adjustment", "termination")

#: What about one company in twenty or fewer meets: it may be missing in a run.
RARE = (
    "company: empty",
    "two events of a type",
    "a hire of the last day leaves",
    "a leave on the day of a mandatory age",
    "a known leave in the year of hire",
    "a known change in the year of hire",
)
#: What the slow comparison must have met when it ends.
EXPECTED = (
    *("company: leavers in the census", "company: scenarios with other segments"),
    *("mode: exact", "mode: expected", "mode: rates"),
    *("settings: own bands", "settings: months without weight", "settings: a single month"),
    *("settings: mandatory age", "settings: least age or tenure", "settings: several causes"),
    *("settings: given hires", "settings: fte mix", "settings: dimension mix", "settings: late cut-off"),
    *("settings: transfers to a value that nobody has", "settings: transfers by headcount"),
    *("segments: by dimension", "segments: by level", "segments: by both", "segments: partial"),
    *("segments: balance", "segments: headcount", "segments: growth", "segments: turnover"),
    *(f"event: {kind}" for kind in KINDS),
    *(f"outcome: {outcome}" for outcome in OUTCOMES),
    *(f"{kind} done" for kind in ("leave", "hire", "promote", "transfer", "raise", "fte")),
    *("done on the first day", "done on the last day", "several hires of one action", "a hire by name"),
    *("reason: experienced", "reason: new_hire", "reason: reduction_in_force", "cause: retirement"),
    *("two changes on one day", "a known leave", "a random transfer"),
    *("a leaver of hazard 0", "moves between segments", "a reduction of the last day"),
    *("a segment misses its target", "a leaver hired before the opening"),
    *("calendar: other fiscal year", "calendar: stub", "calendar: whole first year"),
    *("calendar: opening of 29 February", "calendar: action dated on the opening date"),
    *("calendar: raise dated on the opening date", "calendar: raise dated the day after"),
)  # fmt: skip


def features(example: Example, by_model: Mapping[tuple[str, int], Mapping[int, Year]]) -> set[str]:
    """Return the names of what occurs in an example."""
    found = set(_of_company(example))
    for settings in example.scenarios.values():
        found |= set(_of_settings(settings))
    for (scenario, _), years in by_model.items():
        actions = {one.action_id: one for one in example.actions(scenario)}
        settings = example.scenarios[scenario]
        mandatory = _mandatory_days(example, settings)
        settled = {action for year in years.values() for action in year.outcomes}
        if actions.keys() - settled:
            found.add("outcome: outside_years")
        for number, year in years.items():
            calendar = settings.simulation.calendar
            turns = {calendar.simulated_from(number): "first", calendar.last_day(number): "last"}
            found |= set(_of_year(year, turns))
            for action_id, outcome in year.outcomes.items():
                found |= set(_of_action(actions[action_id], outcome, mandatory, turns))
    return found


def _of_company(example: Example) -> Iterator[str]:
    yield from (f"calendar: {name}" for name in _of_calendar(example))
    if not example.company.employees:
        yield "company: empty"
    if example.leavers:
        yield "company: leavers in the census"
    targets = [one.targets for one in example.scenarios.values() if one.targets is not None]
    if any(one.segments != targets[0].segments for one in targets):
        yield "company: scenarios with other segments"


def _of_calendar(example: Example) -> Iterator[str]:
    settings = list(example.scenarios.values())
    calendar = settings[0].simulation.calendar
    opening = calendar.opening_date
    dates = {
        f"{day:%m-%d}": f"raise dated {when}"
        for day, when in ((opening, "on the opening date"), (opening + timedelta(1), "the day after"))
    }
    found = {day for one in settings for _, shares in one.compensation.effective_dates for day in shares}
    if not calendar.is_calendar_year:
        yield "other fiscal year"
    if (opening.month, opening.day) == (2, 29):
        yield "opening of 29 February"
    if any(one.action.day == opening for one in example.plan):
        yield "action dated on the opening date"
    if calendar.has_stub:
        yield "stub"
        yield from (name for day, name in dates.items() if day in found)
    else:
        yield "whole first year"


def _of_settings(settings: Settings) -> Iterator[str]:
    workforce, hiring = settings.workforce, settings.hiring
    yield f"mode: {settings.simulation.mode}"
    causes = workforce.termination.values()
    months = [one for one in (workforce.termination_months, hiring.months) if one is not None]
    found = {
        "own bands": workforce.age_bands != [0, 25, 35, 45, 55, 65],
        "months without weight": any(0 in one for one in months),
        "a single month": any(one.count(0) == 11 for one in months),  # type: ignore[arg-type]
        "mandatory age": any(one.mandatory_age for one in causes),
        "least age or tenure": any(one.eligible for one in causes),
        "several causes": len(causes) > 1,
        "given hires": hiring.hires is not None,
        "fte mix": hiring.fte_mix is not None,
        "dimension mix": hiring.dimension_mix is not None,
        "late cut-off": settings.compensation.eligibility_cutoff.year_offset == 0,
    }
    if transfer := workforce.transfer:
        found["transfers to a value that nobody has"] = "Nobody's" in (transfer.to or ())
        found["transfers by headcount"] = transfer.to is None
    yield from (f"settings: {name}" for name, occurs in found.items() if occurs)
    if targets := settings.targets:
        named = {name for one in targets.segments for name in one.where}
        yield (
            "segments: by both"
            if {"level"} < named
            else f"segments: by {'level' if 'level' in named else 'dimension'}"
        )
        segments = targets.segments
        found = {
            "partial": any(len(one.where) < len(targets.by) for one in segments),
            "balance": targets.others == "balance",
            "headcount": any(one.headcount is not None for one in segments),
            "growth": any(one.growth is not None for one in segments),
            "turnover": any(one.termination_rate is not None for one in segments),
        }
        yield from (f"segments: {name}" for name, occurs in found.items() if occurs)


def _of_action(
    action: Action, outcome: str, mandatory: Mapping[str, set[date]], turns: Mapping[date, str]
) -> Iterator[str]:
    yield f"outcome: {outcome}"
    if outcome != "done":
        return
    yield f"{action.action} done"
    if action.day in turns:
        yield f"done on the {turns[action.day]} day"
    if action.action == "hire":
        yield "a hire by name" if action.employee_id else "a hire without name"
        if action.count > 1:
            yield "several hires of one action"
    if action.action == "leave" and action.day in mandatory.get(str(action.employee_id), ()):
        yield "a leave on the day of a mandatory age"


def _of_year(year: Year, turns: Mapping[date, str]) -> Iterator[str]:
    for events in year.events.values():
        yield from _of_events(events, turns)
    for one in year.segments:
        if one.transfers_in:
            yield "moves between segments"
        if one.target_headcount is not None and one.ending_headcount != one.target_headcount:
            yield "a segment misses its target"


def _of_events(events: Sequence[Event], turns: Mapping[date, str]) -> Iterator[str]:
    if events and max(Counter((one.day, one.kind != "termination") for one in events).values()) > 1:
        yield "two changes on one day"
    if events and max(Counter(one.kind for one in events).values()) > 1:
        yield "two events of a type"
    for one in events:
        yield f"event: {one.kind}"
        if one.kind == "transfer" and one.draw is not None:
            yield "a random transfer"
        if events[0].kind == "hire" and one.kind in ("raise", "fte"):
            yield "a known change in the year of hire"
        if one.kind == "termination":
            if events[0].kind == "hire" and one.draw is None:
                yield "a known leave in the year of hire"
            yield f"reason: {one.reason}"
            yield f"cause: {one.cause}"
            last_day = turns.get(one.day) == "last"
            if one.reason == "new_hire" and events[0].kind != "hire":
                yield "a leaver hired before the opening"
            if one.draw is None:
                yield "a known leave"
            if one.hazard == 0:
                yield "a leaver of hazard 0"
            if last_day and one.reason == "reduction_in_force":
                yield "a reduction of the last day"
            if last_day and events[0].kind == "hire" and events[0].day == one.day:
                yield "a hire of the last day leaves"


def _mandatory_days(example: Example, settings: Settings) -> dict[str, set[date]]:
    """The months in which employees reach a mandatory age, by their last days."""
    ages = [one.mandatory_age for one in settings.workforce.termination.values() if one.mandatory_age]
    return {
        one.employee_id: {_month_end(one.birth.year + age, one.birth.month) for age in ages}
        for one in example.company.employees
    }


def _month_end(year: int, month: int) -> date:
    return date.fromordinal(date(year + month // 12, month % 12 + 1, 1).toordinal() - 1)
