"""The request of a run, and the validation of its input before any file is created."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from settings import InputError, ResolvedSettings, Scenario, Settings, load_settings
from settings.models.base import expand_home
from settings.models.census import CensusSettings
from settings.models.location import Location, Url, location, shown
from settings.models.uncertainty import Uncertainty
from tasks.census.opening import Opening
from tasks.census.read import Census, opening_line, read_census
from tasks.history.actuals import Actuals, NoActuals, read_actuals
from tasks.plan.accepted import Plans
from tasks.plan.read import read_plans
from tasks.runs.misfits import misfits
from tasks.runs.uncertainty import SAME_FIT, uncertainty_misfits, uncertainty_of
from tasks.system.guarded import Limits
from tasks.system.project import SAMPLE_CENSUS


@dataclass(frozen=True)
class RunRequest:
    """The flags of a run, as the command line or a deployment's parameters give them."""

    config: Path | None = None
    census: str | Path | None = None  # a file or its URL
    scenarios: tuple[Path, ...] = ()
    replicates: int | None = None
    seed: int | None = None
    years: str | None = None
    sets: tuple[str, ...] = ()
    output: Path = Path("runs")
    run_id: str | None = None
    resume: str | None = None
    from_year: int | None = None
    actions: str | Path | None = None  # a file of known actions, or its URL

    def __post_init__(self) -> None:
        """Replace `~` by the home folder; no shell does this for a deployment's parameters."""
        for name in ("config", "output"):
            path = getattr(self, name)
            object.__setattr__(self, name, path and expand_home(path))
        object.__setattr__(self, "scenarios", tuple(map(expand_home, self.scenarios)))

    @property
    def flags(self) -> Mapping[str, Any]:
        """The flags that stand for a setting, with their values."""
        return {
            "--census": None if self.census is None else str(self.census),
            "--actions": None if self.actions is None else str(self.actions),
            "--replicates": self.replicates,
            "--seed": self.seed,
            "--years": self.years,
        }


@dataclass(frozen=True)
class Accepted:
    """Settings, census, known actions and uncertainty that passed every check."""

    settings: ResolvedSettings
    census: Census = field(repr=False)
    census_path: Location  # a URL may contain a password: use `shown` in messages
    plans: Plans = field(default_factory=Plans, repr=False)
    uncertainty: Uncertainty | None = field(default=None, repr=False)
    #: What happened in the first fiscal year before the opening date; None if it begins after that date.
    actuals: Actuals | NoActuals | None = field(default=None, repr=False)

    @property
    def opening_line(self) -> str:
        """The line about the census with which a run's output begins; it names the bundled sample as such."""
        base = self.settings.base
        file = self.census_path.name + (" (the bundled sample)" if base.census.path is None else "")
        return opening_line(self.census, file, Opening.of(self.settings))


def accept_settings(request: RunRequest, deployed: Mapping[str, Any] | None = None) -> ResolvedSettings:
    """Resolve all layers of settings. Raises SettingsError with all problems.

    `deployed` are the settings on a Prefect server, which override only the defaults.
    """
    return load_settings(
        request.config,
        flags=request.flags,
        sets=request.sets,
        scenarios=request.scenarios,
        deployed=deployed,
    )


def accept_census(resolved: ResolvedSettings) -> tuple[Census, Location]:
    """Read and validate the census that the settings name, or the bundled sample. Raises CensusError.

    Within `one_reading`, an unchanged census is read only once.
    """
    settings = resolved.base
    source = location(settings.census.path or SAMPLE_CENSUS)
    limits = Limits(settings.machine.reader_memory, settings.machine.reader_seconds)
    columns = settings.census.model_copy(update={"path": None})
    opening = Opening.of(resolved)
    reading = _Reading(source, _stamp(source), columns.model_dump_json(), _levels(settings), opening, limits)
    readings = _readings.get()
    if readings is None:
        return reading.read(), source
    if reading not in readings:
        readings[reading] = reading.read()
    return readings[reading], source


@contextmanager
def one_reading() -> Iterator[None]:
    """Cache what `accept_census` and `accept_plans` read until the block ends; a URL is fetched once.

    A command validates its input before it starts a server. The flow receives only plain parameters, so it
    validates the same input again in its first steps.
    """
    token, plan_token = _readings.set({}), _plan_readings.set({})
    try:
        yield
    finally:
        _readings.reset(token)
        _plan_readings.reset(plan_token)


def accept(request: RunRequest) -> Accepted:
    """Load and validate settings, census and known actions. Raises InputError."""
    settings = accept_settings(request)
    return accept_with(settings)


def accept_with(settings: ResolvedSettings) -> Accepted:
    """Read the files that the settings name, and check that they fit. Raises InputError."""
    uncertainty = uncertainty_of(settings.base)
    census, source = accept_census(settings)
    actuals = accept_actuals(settings.base, census)
    if isinstance(actuals, Actuals):
        census = replace(census, actual_spells=actuals.spells)
    plans = accept_plans(settings.scenarios, census)
    require_fit(shown(source), settings.base, settings.scenarios, census, plans.by_scenario, uncertainty)
    return Accepted(settings, census, source, plans, uncertainty, actuals)


def require_fit(
    source: str,
    base: Settings,
    scenarios: Sequence[Scenario],
    census: Census,
    plans: Mapping[str, pl.DataFrame],
    uncertainty: Uncertainty | None,
) -> None:
    """Raise InputError with every setting that the census contradicts, or that the uncertainty is not of.

    `source` names the census, and `plans` are the known actions by scenario id.
    """
    wrong = [
        problem for scenario in scenarios for problem in misfits(scenario, census, plans.get(scenario.id))
    ]
    if wrong:
        raise InputError(f"{source} and the settings do not fit together:\n  " + "\n  ".join(wrong))
    if uncertainty:
        wrong = uncertainty_misfits(uncertainty, base, scenarios, census)
        if wrong:
            raise InputError(
                f"simulation.uncertainty: {base.simulation.uncertainty} was estimated for other settings: "
                f"{SAME_FIT}\n  " + "\n  ".join(wrong)
            )


def accept_actuals(settings: Settings, census: Census) -> Actuals | NoActuals | None:
    """Return what past lists show of the first fiscal year, if a run opens within it. Raises HistoryError."""
    if not settings.simulation.calendar.has_stub:
        return None
    return read_actuals(settings, census, _levels(settings))


def _levels(settings: Settings) -> tuple[tuple[int, Decimal, Decimal], ...]:
    start_year = settings.simulation.start_year
    return tuple(
        (number, level.min_salary.at(start_year), level.max_salary.at(start_year))
        for number, level in settings.workforce.levels.items()
    )


def accept_plans(scenarios: Sequence[Scenario], census: Census) -> Plans:
    """Read and validate the known actions of the scenarios. Raises ActionsError.

    Within `one_reading`, unchanged files are read only once.
    """
    sources = {
        each.id: location(each.settings.plan.actions) for each in scenarios if each.settings.plan.actions
    }
    readings = _plan_readings.get()
    if readings is None or not sources:
        return read_plans(scenarios, census)
    stamps = tuple((name, source, _stamp(source)) for name, source in sources.items())
    settings = tuple(each.settings.model_dump_json() for each in scenarios)
    reading = stamps, settings, tuple(each.id for each in scenarios), census.sha256
    if reading not in readings:
        readings[reading] = read_plans(scenarios, census)
    return readings[reading]


@dataclass(frozen=True)
class _Reading:
    """Everything that determines the result of reading a census; the key of the cache."""

    source: Location
    stamp: tuple[int, ...] | None
    census_settings: str
    levels: tuple[tuple[int, Decimal, Decimal], ...]
    opening: Opening
    limits: Limits

    def read(self) -> Census:
        settings = CensusSettings.model_validate_json(self.census_settings)
        return read_census(
            self.source, settings, levels=self.levels, opening=self.opening, limits=self.limits
        )


#: The caches of `one_reading`; None outside of it.
_readings: ContextVar[dict[_Reading, Census] | None] = ContextVar("readings", default=None)
_plan_readings: ContextVar[dict[tuple[Any, ...], Plans] | None] = ContextVar("plan_readings", default=None)


def _stamp(source: Location) -> tuple[int, ...] | None:
    """Return size and modification time of a file; None for a URL or an inaccessible file."""
    if isinstance(source, Url):
        return None
    try:
        stat = source.stat()
    except (OSError, ValueError):
        return None
    return stat.st_size, stat.st_mtime_ns
