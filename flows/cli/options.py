"""Options and arguments that several subcommands have, each with one help text."""

from pathlib import Path
from typing import Annotated

import typer

RunId = Annotated[str, typer.Argument(help="A run's id, `latest`, or the path of its directory.")]
Output = Annotated[Path, typer.Option(help="Directory of runs.")]
Config = Annotated[Path | None, typer.Option(help="Settings YAML.")]
Sets = Annotated[list[str] | None, typer.Option("--set", help="One setting as key=value; may be repeated.")]
RejectsFile = Annotated[
    Path | None,
    typer.Option("--rejects", help="File for bad rows. Default: rejected.csv, or the next free name."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for other programs.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV, for spreadsheets.")]
