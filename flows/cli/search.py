"""What solve and optimise have in common: the options of the run whose settings they vary."""

from pathlib import Path
from typing import Annotated

import typer

from tasks.runs.request import RunRequest

Census = Annotated[str | None, typer.Option(help="Census, a file or URL. Default: the bundled sample.")]
Actions = Annotated[str | None, typer.Option(help="Known actions, a file or URL. Default: none.")]
Scenario = Annotated[Path | None, typer.Option(help="Scenario file to apply in every trial.")]
Seed = Annotated[int | None, typer.Option(help="Random seed.")]
Years = Annotated[str | None, typer.Option(help="First and last year, as in 2025-2029.")]


def search_request(
    config: Path | None,
    census: str | None,
    actions: str | None,
    scenario: Path | None,
    replicates: int | None,
    seed: int | None,
    years: str | None,
    sets: list[str] | None,
) -> RunRequest:
    """Return the request of the run whose settings vary."""
    return RunRequest(
        config,
        census,
        (scenario,) if scenario else (),
        replicates=replicates,
        seed=seed,
        years=years,
        sets=tuple(sets or ()),
        actions=actions,
    )
