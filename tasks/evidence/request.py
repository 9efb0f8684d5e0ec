"""What a fit and a backtest are asked for, and the steps of both, without Prefect."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

from settings import InputError, ResolvedSettings, Settings, load_settings
from settings.errors import nearest
from settings.models.base import expand_home
from tasks.evidence.backtest.origins import FIRST_ORIGIN, Backtest, backtest
from tasks.evidence.estimate.fit import Fitted, fit
from tasks.history.accepted import History
from tasks.history.read import read_history

Bands = Literal["auto", "keep"]
#: Settings of the simulation's first year must cover it, whatever years the history has.
LONGEST_HORIZON = 20


@dataclass(frozen=True)
class EvidenceRequest:
    """The history, and the settings in force before it is used."""

    config: Path | None = None
    history: str | None = None
    sets: tuple[str, ...] = ()
    until: date | None = None
    bands: Bands = "auto"
    deployed: Mapping[str, object] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Replace `~` by the home folder; no shell does this for a deployment's parameters."""
        object.__setattr__(self, "config", self.config and expand_home(self.config))

    def settings(self) -> ResolvedSettings:
        """Resolve the settings. Raises SettingsError, or InputError if they name no history."""
        resolved = load_settings(
            self.config, flags={"--history": self.history}, sets=self.sets, deployed=self.deployed
        )
        if resolved.base.history.path is None:
            raise InputError(
                "no history: give --history with a folder of lists or a file of hires and exits, or set "
                "history.path"
            )
        return resolved


def read(request: EvidenceRequest, settings: Settings) -> History:
    """Read the history. Raises HistoryError."""
    return read_history(settings, until=request.until)


def estimate(request: EvidenceRequest, settings: Settings, history: History) -> Fitted:
    """Estimate all that the history shows. Raises InputError if it has no window or nobody."""
    if history.windows < 1 or history.people.is_empty():
        raise InputError(
            f"{len(history.dates)} list with {history.people.height:,} people: an estimate needs two lists, "
            "between which people leave; add an earlier list"
        )
    return fit(history, settings, keep_bands=request.bands == "keep")


def check_forecasts(
    request: EvidenceRequest,
    settings: Settings,
    history: History,
    *,
    horizon: int,
    by: Sequence[str],
    on_origin: Callable[[date], object] = lambda _: None,
) -> Backtest:
    """Forecast from every list on and compare. Raises InputError if the history is too short, or on `by`."""
    if not 1 <= horizon <= LONGEST_HORIZON:
        raise InputError(f"--horizon {horizon}: 1 to {LONGEST_HORIZON} windows are allowed")
    for name in by:
        if name not in history.dimensions:
            known = ", ".join(history.dimensions) or "none"
            raise InputError(
                f"--by {name}: a dimension of the history is expected ({known}); "
                f"{nearest(name, history.dimensions)}"
            )
    if history.windows <= FIRST_ORIGIN:
        raise InputError(
            f"{len(history.dates)} lists: a backtest needs {FIRST_ORIGIN + 2} or more, since the first "
            f"forecast knows {FIRST_ORIGIN + 1} lists and is compared with the next one"
        )
    return backtest(
        history,
        settings,
        horizon=horizon,
        by=by,
        keep_bands=request.bands == "keep",
        on_origin=on_origin,
    )
