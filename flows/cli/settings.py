"""`workforce settings`: prints the settings in force, or their JSON Schema."""

import json
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.options import Config, Sets
from settings import as_lines, explain, load_settings
from settings.schema import json_schema

settings_app = typer.Typer(
    no_args_is_help=True, help="Print the settings in force and their origin, or their JSON Schema."
)

Scenarios = Annotated[list[Path] | None, typer.Option(help="Scenario file; may be repeated.")]


@settings_app.command("show")
def settings_show(
    config: Config = None,
    scenario: Scenarios = None,
    set_: Sets = None,
) -> None:
    """Print every setting in force and where its value comes from."""
    settings = load_settings(config, scenarios=tuple(scenario or ()), sets=tuple(set_ or ()))
    print("\n".join(as_lines(explain(settings))))


@settings_app.command("schema")
def settings_schema() -> None:
    """Print the JSON Schema of the settings, for editors."""
    print(json.dumps(json_schema(), indent=2))
