"""The company whose workforce a run simulates: its name, and how its reports write numbers."""

from collections.abc import Iterator
from contextlib import contextmanager

from settings.errors import InputError
from tasks.runs.record import RunRecord
from tasks.text.numbers import FORMATS, USUAL, numbers_as


def company_name(record: RunRecord) -> str | None:
    """Return the name in a run's settings, None if there is none."""
    return _section(record).get("name")


def titled(record: RunRecord, title: str) -> str:
    """Return a title with the company's name before it, if there is one: Contoso: Workforce by year."""
    name = company_name(record)
    return f"{name}: {title}" if name else title


@contextmanager
def in_number_format(record: RunRecord) -> Iterator[None]:
    """Write numbers as the run's settings say within the block. Raises InputError for an unknown format."""
    name = _section(record).get("number_format", USUAL)
    if name not in FORMATS:
        raise InputError(
            f"run.json of {record.run_id}: company.number_format: {name!r}; allowed are {', '.join(FORMATS)}"
        )
    with numbers_as(FORMATS[name]):
        yield


def _section(record: RunRecord) -> dict[str, str]:
    """Return section company of the run's settings; those of older versions have none."""
    return record.settings.get("company") or {}
