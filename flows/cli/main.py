"""The `workforce` command: its subcommands by name. A subcommand is imported when it is called."""

if __name__ == "__main__":  # before the imports below, which read the environment and the module path
    from flows.cli.start import workforce

    workforce()

import importlib
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup
from typing_extensions import override

from flows.cli.leave import FAILED, WRONG_INPUT
from settings.errors import InputError
from tasks.text.terminal import say_error


@dataclass(frozen=True)
class Subcommand:
    """Where a subcommand is defined, and its line in the list of subcommands.

    `home` is module:name of a function, or of a Typer app for a group. With `needs_prefect`, Prefect's
    settings are prepared before the module is imported.
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
    "init": Subcommand(
        "flows.cli.init:init",
        "Write a settings file, example scenarios, a file for known actions and a README.",
    ),
    "run": Subcommand("flows.cli.run:run", "Simulate the workforce over several years.", True),
    "show": Subcommand(
        "flows.cli.results:show", "Print a run's years: headcount, hires, terminations, payroll, loaded cost."
    ),
    "health": Subcommand(
        "flows.cli.health:health",
        "Check disk, memory, recent runs, the Prefect API and the deployments; exits 1 if a check fails.",
        True,
    ),
    "settings": Subcommand(
        "flows.cli.settings:settings_app",
        "Print the settings in force and their origin, or their JSON Schema.",
    ),
    "census": Subcommand(
        "flows.cli.census:census_app", "Check a census file, submit it, or generate a sample."
    ),
    "history": Subcommand(
        "flows.cli.history:history_app",
        "Check past lists of employees, from which rates are estimated, or generate sample lists.",
    ),
    "actions": Subcommand("flows.cli.actions:actions_app", "Check a file of known actions."),
    "fit": Subcommand(
        "flows.cli.evidence:fit",
        "Estimate rates, raises and hires from past lists, with their uncertainty; write them as settings.",
    ),
    "backtest": Subcommand(
        "flows.cli.evidence:backtest",
        "Forecast from every past list on, as if later ones did not exist, and compare with what happened.",
    ),
    "report": Subcommand(
        "flows.cli.results:report",
        "Write a run's report of charts and tables: one HTML page that works offline, a PDF, or slides.",
    ),
    "export": Subcommand(
        "flows.cli.results:export",
        "Export published tables as Excel workbook, CSV or Parquet: rows of each replicate, or means.",
    ),
    "employee": Subcommand(
        "flows.cli.results:employee",
        "Print one employee's years: each event with its hazard and draw, and why nothing else happened.",
    ),
    "cost": Subcommand(
        "flows.cli.results:cost",
        "List the employees behind a month's or year's cost; their salaries add up to it to the cent.",
    ),
    "runs": Subcommand("flows.cli.runs:runs_app", "List, compare, roll back and remove runs."),
    "dashboard": Subcommand(
        "flows.cli.dashboard:dashboard",
        "Show results and running simulations in a browser, on this machine only.",
        True,
    ),
    "compare": Subcommand(
        "flows.cli.compare:compare_command",
        "Compare each scenario with the baseline, year by year, with standard errors.",
    ),
    "variance": Subcommand(
        "flows.cli.variance:variance_command",
        "Print what explains the difference of a forecast's payroll and cost from a budget's, to the cent.",
    ),
    "reforecast": Subcommand(
        "flows.cli.reforecast:reforecast_command",
        "Simulate from the newest list of employees on, and compare with the budget.",
        True,
    ),
    "attribute": Subcommand(
        "flows.cli.attribute:attribute_command",
        "Print how much of the difference of two scenarios each changed setting makes; the shares add up.",
    ),
    "precision": Subcommand(
        "flows.cli.precision:precision_command",
        "Print the Monte Carlo error of a run's means, and how many replicates a smaller error needs.",
    ),
    "chance": Subcommand(
        "flows.cli.chance:chance_command",
        "Print the share of replicates in which goals hold, by scenario, with its 95 % interval.",
    ),
    "solve": Subcommand(
        "flows.cli.solve:solve_command",
        "Find the value of a setting that meets a goal; exits 1 if there is none within the bounds.",
        True,
    ),
    "optimise": Subcommand(
        "flows.cli.optimise:optimise_command",
        "Find settings that make a figure small or large while goals hold; exits 1 if there are none.",
        True,
    ),
    "alerts": Subcommand(
        "flows.cli.alerts:alerts_app", "Test alert channels; list, acknowledge and resend alerts.", True
    ),
    "deploy": Subcommand(
        "flows.cli.deploy:deploy",
        "Create or update work pools, channels, limits, deployments, schedules and automations on a server.",
        True,
    ),
    "schedules": Subcommand(
        "flows.cli.deploy:schedules_app",
        "List, switch on and switch off schedules on the Prefect server; resume paused deployments.",
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
        self.commands = _Loaded()  # type: ignore[assignment]  # Typer expects a dict of commands

    @override
    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names, without importing a subcommand."""
        return list(SUBCOMMANDS)

    @override
    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a stand-in with the help line, without importing the subcommand."""
        known = SUBCOMMANDS.get(cmd_name)
        return known and TyperCommand(cmd_name, help=known.help)

    @override
    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the subcommand that the arguments call."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, command and self.commands[str(name)], rest


app = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    help="Simulate a company's workforce year by year.",
    pretty_exceptions_enable=False,
)


@app.callback()
def _workforce() -> None:
    """Make the app a group: Typer needs a callback for that."""


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
    """Return the message of an error that is not a bug in this program, else None.

    Only errors need what is imported here.
    """
    import duckdb
    import httpx

    from tasks.results.drill import CostDiffers
    from tasks.results.hazards import RecomputedOtherwise
    from tasks.runs.lock import RunLocked
    from tasks.runs.resume import RunDamaged

    if isinstance(error, RunLocked | RunDamaged | RecomputedOtherwise | CostDiffers | duckdb.Error | OSError):
        return str(error)
    if isinstance(error, httpx.HTTPError):  # a request to the Prefect server failed
        from tasks.server.api import trouble_with_server

        return trouble_with_server(error)
    if "prefect" in sys.modules:
        from tasks.server.api import ServerTrouble

        return str(error) if isinstance(error, ServerTrouble) else None
    return None


def _end(message: str, status: int) -> NoReturn:
    say_error(message)
    raise SystemExit(status) from None
