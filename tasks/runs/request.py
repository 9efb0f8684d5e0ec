"""The request of a run, and the validation of its input before any file is created."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from settings import InputError, ResolvedSettings, Settings, load_settings
from settings.models.base import expand_home
from settings.models.census import CensusSettings
from settings.models.location import Location, Url, location, shown
from tasks.census.read import Census, opening_line, read_census
from tasks.runs.misfits import misfits
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
            "--replicates": self.replicates,
            "--seed": self.seed,
            "--years": self.years,
        }


@dataclass(frozen=True)
class Accepted:
    """Settings and census that passed every check."""

    settings: ResolvedSettings
    census: Census = field(repr=False)
    census_path: Location  # a URL may contain a password: use `shown` in messages

    @property
    def opening_line(self) -> str:
        """The line about the census with which a run's output begins; it names the bundled sample as such."""
        base = self.settings.base
        file = self.census_path.name + (" (the bundled sample)" if base.census.path is None else "")
        return opening_line(self.census, file, base.simulation.opening_date)


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


def accept_census(settings: Settings) -> tuple[Census, Location]:
    """Read and validate the census that the settings name, or the bundled sample. Raises CensusError.

    Within `one_reading`, an unchanged census is read only once.
    """
    source = location(settings.census.path or SAMPLE_CENSUS)
    limits = Limits(settings.machine.reader_memory, settings.machine.reader_seconds)
    start_year = settings.simulation.start_year
    levels = tuple(
        (number, level.min_salary.at(start_year), level.max_salary.at(start_year))
        for number, level in settings.workforce.levels.items()
    )
    columns = settings.census.model_copy(update={"path": None})
    reading = _Reading(source, _stamp(source), columns.model_dump_json(), levels, start_year, limits)
    readings = _readings.get()
    if readings is None:
        return reading.read(), source
    if reading not in readings:
        readings[reading] = reading.read()
    return readings[reading], source


@contextmanager
def one_reading() -> Iterator[None]:
    """Cache what `accept_census` reads until the block ends; a URL is fetched once.

    A command validates its input before it starts a server. The flow receives only plain parameters, so it
    validates the same input again in its first steps.
    """
    token = _readings.set({})
    try:
        yield
    finally:
        _readings.reset(token)


def accept(request: RunRequest) -> Accepted:
    """Load and validate settings and census. Raises InputError."""
    settings = accept_settings(request)
    return accept_with(settings)


def accept_with(settings: ResolvedSettings) -> Accepted:
    """Read the census of the settings and check that it fits each scenario. Raises InputError."""
    census, source = accept_census(settings.base)
    wrong = [problem for scenario in settings.scenarios for problem in misfits(scenario, census)]
    if wrong:
        raise InputError(f"{shown(source)} and the settings do not fit together:\n  " + "\n  ".join(wrong))
    return Accepted(settings, census, source)


@dataclass(frozen=True)
class _Reading:
    """Everything that determines the result of reading a census; the key of the cache."""

    source: Location
    stamp: tuple[int, ...] | None
    census_settings: str
    levels: tuple[tuple[int, Decimal, Decimal], ...]
    start_year: int
    limits: Limits

    def read(self) -> Census:
        settings = CensusSettings.model_validate_json(self.census_settings)
        return read_census(
            self.source, settings, levels=self.levels, start_year=self.start_year, limits=self.limits
        )


#: The cache of `one_reading`; None outside of it.
_readings: ContextVar[dict[_Reading, Census] | None] = ContextVar("readings", default=None)


def _stamp(source: Location) -> tuple[int, ...] | None:
    """Return size and modification time of a file; None for a URL or an inaccessible file."""
    if isinstance(source, Url):
        return None
    try:
        stat = source.stat()
    except (OSError, ValueError):
        return None
    return stat.st_size, stat.st_mtime_ns
