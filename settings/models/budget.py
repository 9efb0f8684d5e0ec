"""Settings of the budget: the run with which a run's payroll and cost are compared."""

import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from settings.models.base import SettingsGroup, expand_home, no_null_character


def _id_or_absolute_path(run: str) -> str:
    """Refuse what would name another run in another folder or at another time."""
    if run == "latest":
        raise ValueError("a run's own id is expected: latest is another run after every run")
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", run) or Path(run).is_absolute():
        return run
    raise ValueError("the id of a run in the same directory of runs, or an absolute path, is expected")


#: The id of a run, or the absolute path of its directory.
NamedRun = Annotated[
    str,
    AfterValidator(no_null_character),
    AfterValidator(lambda run: str(expand_home(run))),
    AfterValidator(_id_or_absolute_path),
]


class BudgetSettings(SettingsGroup):
    """The finished run that is the budget; the report has the bridge from it."""

    run: NamedRun | None = Field(
        description="Run that is the budget: its id in the same directory of runs, or the absolute path of "
        "its directory; null: none"
    )
    scenario: str | None = Field(
        description="Scenario of that run; null: baseline, or the run's first if none has this id"
    )
