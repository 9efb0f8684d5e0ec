"""Reads the file of setting simulation.uncertainty, and checks that it belongs to the settings."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from settings import InputError, Scenario, Settings
from settings.errors import nearest
from settings.models.uncertainty import FORMAT, UncertainParameter, Uncertainty
from tasks.census.read import Census

#: Problems of a file that are reported at once; files are made by a program and wrong in one way.
MOST_PROBLEMS = 10
SAME_FIT = "use the settings and the uncertainty of the same fit, or set simulation.uncertainty to null"


def read_uncertainty(file: Path) -> Uncertainty:
    """Read a file uncertainty.json. Raises InputError that names the file, the key and what is allowed."""
    try:
        text = file.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"simulation.uncertainty: {file} cannot be read: {reason}") from None
    try:
        return Uncertainty.model_validate_json(text)
    except ValidationError as error:
        # a wrong covariance is in the message; its numbers, as the input of the error, would fill pages
        problems = list(dict.fromkeys(_problem(one) for one in error.errors(include_url=False)))
    more = len(problems) - MOST_PROBLEMS
    lines = [*problems[:MOST_PROBLEMS], *([f"and {more} more"] if more > 0 else [])]
    raise InputError(
        f"simulation.uncertainty: {file} is not a file of `workforce fit`:\n  " + "\n  ".join(lines)
    ) from None


def uncertainty_of(settings: Settings) -> Uncertainty | None:
    """Read the file that the settings name; None if they name none. Raises InputError."""
    file = settings.simulation.uncertainty
    return None if file is None else read_uncertainty(file)


def uncertainty_misfits(
    uncertainty: Uncertainty, base: Settings, scenarios: Sequence[Scenario], census: Census
) -> list[str]:
    """Return a line for each parameter that settings or census do not have: what it is, what they have.

    A scenario may lack a cause or level that the base settings have: its uncertainty is then not used there.
    Bands must be those of the estimate in all scenarios, since a factor of another band is another number.
    """
    found = [
        f"{parameter.name}: {problem}"
        for parameter in uncertainty.parameters
        for problem in _misfits(parameter, base, census)
    ]
    for scenario in scenarios:
        for attribute in ("age", "tenure"):
            bands, own = _values(scenario.settings)[attribute], _values(base)[attribute]
            if bands != own and any(one.attribute == attribute for one in uncertainty.parameters):
                found.append(
                    f"scenario {scenario.id}: workforce.{attribute}_bands has the bands {', '.join(bands)}; "
                    f"the uncertainty was estimated for {', '.join(own)}"
                )
    return found


def _misfits(parameter: UncertainParameter, settings: Settings, census: Census) -> Iterator[str]:
    workforce, values = settings.workforce, _values(settings)
    if parameter.rate == "termination" and parameter.cause not in workforce.termination:
        yield f"the settings have no such cause; {nearest(str(parameter.cause), workforce.termination)}"
    if parameter.rate == "transfer" and workforce.transfer is None:
        yield "the settings have no transfers (workforce.transfer is null)"
    if parameter.attribute is None:
        return
    if parameter.attribute not in values:
        if parameter.attribute not in census.dimensions:
            allowed = (*values, *census.dimensions)
            yield f"employees have no such attribute; {nearest(parameter.attribute, allowed)}"
    elif parameter.value not in values[parameter.attribute]:
        what = "levels" if parameter.attribute == "level" else "bands"
        have = f"the settings have the {what} {', '.join(values[parameter.attribute])}"
        yield f"it was estimated for other {what}: {have}"


def _values(settings: Settings) -> dict[str, tuple[str, ...]]:
    """Return the values of the attributes that the settings define."""
    workforce = settings.workforce
    return {
        "age": workforce.age_band_labels,
        "tenure": workforce.tenure_band_labels,
        "level": tuple(str(level) for level in sorted(workforce.levels)),
    }


def _problem(error: Mapping[str, Any]) -> str:
    """Return an error of the document as a line: key, what was found, what is allowed."""
    if error["type"] == "json_invalid":
        return f"it is not JSON: {error['ctx']['error']}"
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error["loc"]).lstrip(".")
    found = error["input"]
    if key == "format":
        return f"format: {found!r:.40} is not known; this version of the program reads format {FORMAT}"
    what = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "missing":
        return f"{key}: it is missing"
    shown = f", found {found!r:.80}" if isinstance(found, str | int | float | None) else ""
    return f"{key}: {what}{shown}" if key else what
