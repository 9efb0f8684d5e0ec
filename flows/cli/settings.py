"""`workforce settings`: prints the settings in force, or their JSON Schema."""

import json
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.options import AsCsv, AsJson, Config, Sets
from flows.cli.printing import printing
from settings import as_lines, explain, load_settings
from settings.schema import json_schema
from tasks.text.tables import TextTable
from tasks.text.terminal import UNLIMITED, width_of

settings_app = typer.Typer(
    no_args_is_help=True, help="Print the settings in force and their origin, or their JSON Schema."
)

Scenarios = Annotated[list[Path] | None, typer.Option(help="Scenario file; may be repeated.")]


@settings_app.command("show")
def settings_show(
    config: Config = None,
    scenario: Scenarios = None,
    set_: Sets = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Print every setting in force and where its value comes from."""
    settings = load_settings(config, scenarios=tuple(scenario or ()), sets=tuple(set_ or ()))
    rows = explain(settings)
    with printing(as_json, as_csv) as out:
        if width_of() >= UNLIMITED and not out.for_programs:
            print("\n".join(as_lines(rows)))  # a table would be as wide as the longest value
            return
        table = TextTable(fields=("key", "value", "layer", "source"))
        table.add_column("Key", "key")
        for heading in ("Value", "From"):
            table.add_column(heading, "prose")
        for row in rows:
            is_own = row.source and row.layer != "default"
            origin = f"{row.layer}: {row.source}" if is_own else row.layer
            values = {**row._asdict(), "value": json.loads(row.value)}
            table.add_row(row.key, row.value, origin, values=values)
        out.table(table)
        if not out.for_programs:
            out.say("Defaults are in settings/defaults.yaml; --json and --csv name the line of each.")


@settings_app.command("schema")
def settings_schema() -> None:
    """Print the JSON Schema of the settings, for editors."""
    print(json.dumps(json_schema(), indent=2))
