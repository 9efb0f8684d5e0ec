"""What a run is asked to do, and the acceptance of its input before anything is made."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from time import monotonic
from typing import Any

import polars as pl

from settings import InputError, ResolvedSettings, Scenario, Settings, load_settings
from settings.models.base import at_home
from settings.models.census import CensusSettings
from settings.models.location import Location, Url, location, shown
from tasks.census.read import Census, opening_line, read_census
from tasks.system.guarded import Limits
from tasks.system.project import SAMPLE_CENSUS

#: A command reads its census twice, before it starts Prefect and after, which may take a minute or two.
REFETCH_SECONDS = 600


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
        """Let `~` be the home folder: a deployment's parameters come from no shell."""
        for name in ("config", "output"):
            path = getattr(self, name)
            object.__setattr__(self, name, path and at_home(path))
        object.__setattr__(self, "scenarios", tuple(map(at_home, self.scenarios)))

    @property
    def flags(self) -> Mapping[str, Any]:
        """The flags that are settings by another name."""
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
    census_path: Location  # a URL may hold a password: `shown` is for messages

    @property
    def opening_line(self) -> str:
        """What every run says of its census first; of the bundled sample, that it is the sample."""
        base = self.settings.base
        file = self.census_path.name + (" (the bundled sample)" if base.census.path is None else "")
        return opening_line(self.census, file, base.simulation.opening_date)


def accept_settings(request: RunRequest, deployed: Mapping[str, Any] | None = None) -> ResolvedSettings:
    """Resolve all layers of settings, over those of a server. Raises SettingsError with all that is wrong."""
    return load_settings(
        request.config,
        flags=request.flags,
        sets=request.sets,
        scenarios=request.scenarios,
        deployed=deployed,
    )


def accept_census(settings: Settings) -> tuple[Census, Location]:
    """Read and validate the census that the settings name, else the bundled sample. Raises CensusError.

    The command line accepts before it starts anything and the flow does as its first steps, so the
    last census is kept: an unchanged file is not read twice, and a URL is not fetched twice within minutes.
    """
    source = location(settings.census.path or SAMPLE_CENSUS)
    limits = Limits(settings.machine.reader_memory, settings.machine.reader_seconds)
    start_year = settings.simulation.start_year
    levels = tuple(
        (number, level.min_salary.at(start_year), level.max_salary.at(start_year))
        for number, level in settings.workforce.levels.items()
    )
    columns = settings.census.model_copy(update={"path": None})
    return _read(source, _stamp(source), columns.model_dump_json(), levels, start_year, limits), source


def accept(request: RunRequest) -> Accepted:
    """Load and validate settings and census. Raises InputError."""
    settings = accept_settings(request)
    return accept_with(settings)


def accept_with(settings: ResolvedSettings) -> Accepted:
    """Read the census that settings name, and see that each scenario can work with it. Raises InputError."""
    census, source = accept_census(settings.base)
    wrong = [problem for scenario in settings.scenarios for problem in _misfits(scenario, census)]
    if wrong:
        raise InputError(f"{shown(source)} and the settings do not fit together:\n  " + "\n  ".join(wrong))
    return Accepted(settings, census, source)


def _misfits(scenario: Scenario, census: Census) -> Iterator[str]:
    levels = scenario.settings.workforce.levels
    found = census.employees.group_by("level").len().sort("level")
    for level, employees in found.filter(~pl.col("level").is_in(list(levels))).iter_rows():
        yield (
            f"scenario {scenario.id}: {employees} employees are at level {level}, which it takes away; "
            f"workforce.levels there: {', '.join(map(str, levels))}"
        )
    for entry in (scenario.settings.hiring.dimension_mix or [])[:1]:  # all entries name the same dimensions
        absent = [name for name in entry.values if name not in census.dimensions]
        if absent:
            yield (
                f"scenario {scenario.id}: hiring.dimension_mix names {', '.join(absent)}, which the census "
                f"does not have; it has {', '.join(census.dimensions) or 'no dimension'}"
            )


@lru_cache(maxsize=1)
def _read(
    source: Location,
    stamp: tuple[int, ...] | None,
    census_settings: str,
    levels: tuple[tuple[int, Decimal, Decimal], ...],
    start_year: int,
    limits: Limits,
) -> Census:
    settings = CensusSettings.model_validate_json(census_settings)
    return read_census(source, settings, levels=levels, start_year=start_year, limits=limits)


def _stamp(source: Location) -> tuple[int, ...] | None:
    """Size and time of a file, or when to fetch a URL again; None of a file that cannot be looked at."""
    if isinstance(source, Url):
        return (int(monotonic() // REFETCH_SECONDS),)
    try:
        stat = source.stat()
    except (OSError, ValueError):
        return None
    return stat.st_size, stat.st_mtime_ns
