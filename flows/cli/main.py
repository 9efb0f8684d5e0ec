"""The `workforce` command: its subcommands by name; what a subcommand needs is imported when it is called."""

if __name__ == "__main__":  # before the imports below: the process is put in order first
    from flows.cli.start import workforce

    workforce()

import importlib
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NoReturn

import typer
from rich.console import Console
from typer.core import TyperCommand, TyperGroup
from typing_extensions import override

from flows.cli.leave import FAILED, WRONG_INPUT
from settings.errors import InputError


@dataclass(frozen=True)
class Subcommand:
    """Where a subcommand is, and what the list of subcommands says of it.

    `home` is module:name of a function, or of a Typer app for a group. With `needs_prefect`, Prefect's
    settings are put in order before the module is imported.
    """

    home: str
    help: str
    needs_prefect: bool = False

    def load(self, name: str) -> Any:
        """Import the subcommand and return it as Typer's command."""
        if self.needs_prefect and "prefect" not in sys.modules:
            from tasks.server.prefect_settings import prepare

            prepare()
        module, _, attribute = self.home.partition(":")
        found = getattr(importlib.import_module(module), attribute)
        if isinstance(found, typer.Typer):
            group = typer.main.get_group(found)
            group.name = name
            return group
        single = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        single.command(name)(found)
        return typer.main.get_command(single)


SUBCOMMANDS = {
    "init": Subcommand("flows.cli.init:init", "Write a settings file, example scenarios and a README."),
    "run": Subcommand("flows.cli.run:run", "Simulate the workforce over several years.", True),
    "show": Subcommand(
        "flows.cli.results:show", "Print a run's years: headcount, hires, terminations, payroll."
    ),
    "health": Subcommand(
        "flows.cli.health:health",
        "Check disk, memory, the newest runs, Prefect's API and our deployments; exit status 1 if one fails.",
        True,
    ),
    "settings": Subcommand("flows.cli.settings:settings_app", "Settings and where they come from."),
    "census": Subcommand("flows.cli.census:census_app", "Census files."),
    "report": Subcommand(
        "flows.cli.results:report",
        "Write the report of a run: charts and tables on one page that works offline, or as PDF.",
    ),
    "export": Subcommand(
        "flows.cli.results:export",
        "Write published tables as Excel workbook, CSV or Parquet: the rows of each replicate, or means.",
    ),
    "employee": Subcommand(
        "flows.cli.results:employee",
        "Print one employee's years: each event with its hazard and draw, and why nothing else happened.",
    ),
    "cost": Subcommand(
        "flows.cli.results:cost",
        "Show the employees behind a month's or year's cost; their salaries add up to it, to the cent.",
    ),
    "runs": Subcommand("flows.cli.runs:runs_app", "List, compare, shorten and remove runs."),
    "dashboard": Subcommand(
        "flows.cli.dashboard:dashboard",
        "Show results and running simulations in a browser, on this machine alone.",
        True,
    ),
    "compare": Subcommand(
        "flows.cli.studies:compare_command",
        "Show how much each scenario differs from the baseline, year by year, and how sure that is.",
    ),
    "precision": Subcommand(
        "flows.cli.studies:precision_command",
        "State the Monte Carlo error of a run's means, and the replicates that a precision would take.",
    ),
    "solve": Subcommand(
        "flows.cli.solve:solve_command",
        "Find the setting that meets a goal; exit status 1 where none within the bounds does.",
        True,
    ),
    "alerts": Subcommand(
        "flows.cli.alerts:alerts_app", "Alerts: test the channels, list, acknowledge.", True
    ),
    "deploy": Subcommand(
        "flows.cli.deploy:deploy",
        "Put work pools, channels, limits, deployments, schedules and automations on a Prefect server.",
        True,
    ),
    "schedules": Subcommand(
        "flows.cli.deploy:schedules_app",
        "Schedules on the Prefect server: list, switch on or off, resume.",
        True,
    ),
}


class _Loaded(Mapping[str, Any]):
    """The subcommands by name, each imported when it is looked up."""

    def __getitem__(self, name: str) -> Any:
        return _load(name)

    def __contains__(self, name: object) -> bool:
        return name in SUBCOMMANDS

    def __iter__(self) -> Iterator[str]:
        return iter(SUBCOMMANDS)

    def __len__(self) -> int:
        return len(SUBCOMMANDS)


@cache
def _load(name: str) -> Any:
    return SUBCOMMANDS[name].load(name)


class Group(TyperGroup):
    """The group of subcommands: listed from `SUBCOMMANDS`, imported when one is called."""

    def __init__(self, **attributes: Any) -> None:
        """Take Typer's attributes of a group."""
        super().__init__(**attributes)
        self.commands = _Loaded()  # type: ignore[assignment]  # Typer's is a dict of commands made already

    @override
    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names, without importing a subcommand."""
        return list(SUBCOMMANDS)

    @override
    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return what the list of subcommands shows; nothing is imported for it."""
        known = SUBCOMMANDS.get(cmd_name)
        return known and TyperCommand(cmd_name, help=known.help)

    @override
    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the subcommand that the arguments call."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, command and self.commands[str(name)], rest


app = typer.Typer(
    cls=Group, no_args_is_help=True, help="Workforce simulation.", pretty_exceptions_enable=False
)


@app.callback()
def _workforce() -> None:
    """Typer makes a group of what has a callback."""


def command() -> None:
    """Run the `workforce` command; reports all errors in one message, with exit status 2 or 1."""
    try:
        app()
    except InputError as error:
        _end(str(error), WRONG_INPUT)
    except Exception as error:
        message = _expected(error)
        if message is None:
            raise
        _end(message, FAILED)


def _expected(error: Exception) -> str | None:
    """The message of an error that is no fault of ours; what is imported here is needed for errors alone."""
    import duckdb
    import httpx

    from tasks.runs.lock import RunLocked
    from tasks.runs.resume import RunDamaged

    if isinstance(error, RunLocked | RunDamaged | duckdb.Error | OSError):
        return str(error)
    if isinstance(error, httpx.HTTPError):  # of a command that asks the Prefect server
        from tasks.server.api import trouble_with_server

        return trouble_with_server(error)
    if "prefect" in sys.modules:
        from tasks.server.api import ServerTrouble

        return str(error) if isinstance(error, ServerTrouble) else None
    return None


def _end(message: str, status: int) -> NoReturn:
    Console(stderr=True, soft_wrap=True, emoji=False).print(message, markup=False)
    raise SystemExit(status) from None
