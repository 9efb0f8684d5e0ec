"""State which assumptions a history cannot show, and why."""

from collections.abc import Iterator

from tasks.history.accepted import History


def cannot_estimate(history: History) -> list[tuple[str, str]]:
    """Return what cannot be estimated: setting or subject, and the reason.

    What it does not name can be estimated, though a short history says little about it.
    """
    return [*_exits(history), *_pay(history), *_places(history), *_years(history)]


def _exits(history: History) -> Iterator[tuple[str, str]]:
    if not (~history.leavers["excluded"]).any():
        yield "who leaves more often", "nobody left in any window"
    if not history.shows_hire_year_leavers:
        yield (
            "workforce.new_hire_termination_rate",
            "the lists do not hold the people who left since the list before with their termination_date, so "
            "that hires who left before the next list are not seen",
        )
    if "reason" not in history.columns:
        yield "workforce.causes", "no file has a column reason"
    elif history.leavers["reason"].null_count() == history.leavers.height:
        yield "workforce.causes", "no leaver has a reason"
    if not history.leavers["exit_date"].is_not_null().any():
        yield "months in which people leave", "no exit has a date"
    if "birth_date" not in history.columns:
        yield "factors by age, hiring.age_weights", "no file has a column birth_date"


def _pay(history: History) -> Iterator[tuple[str, str]]:
    raises = "compensation.cola_rate, compensation.merit_budget and the spread of raises"
    if history.kind == "events":
        why = "an events file has one value per person, not one per year; lists of employees show it"
        yield raises, why
        yield "pay of hires", why
        yield "workforce.promotion, hiring.level_mix", why
        yield "hiring.fte_mix", why
        return
    if "salary" not in history.columns:
        yield raises, "no file has a column salary"
        yield "pay of hires", "no file has a column salary"
    if "level" not in history.columns:
        yield "workforce.promotion", "no file has a column level"
        yield "hiring.level_mix", "no file has a column level"
    if "fte" not in history.columns:
        yield "hiring.fte_mix", "no file has a column fte"


def _places(history: History) -> Iterator[tuple[str, str]]:
    if not history.dimensions:
        why = "no file has a column named in census.dimensions"
        yield "factors by dimension, hiring.dimension_mix", why
        yield "workforce.transfer", why
    elif history.kind == "events":
        yield "workforce.transfer", "an events file has one value per person, not one per year"


def _years(history: History) -> Iterator[tuple[str, str]]:
    if history.windows == 1:
        yield (
            "the year effect",
            "there is one window: how much rates vary from year to year takes at least two",
        )
    if history.joiners.is_empty():
        yield "attributes of hires", "nobody joined in any window"
