"""The start of a command: the process is put in order before the libraries that a command needs are imported.

Prefect's settings are put in order before a subcommand that needs Prefect is imported (flows.cli.main).
"""

import os
import sys

from flows.cli.leave import WRONG_INPUT, leave_after
from settings.errors import InputError
from tasks.server.prefect_settings import prepare, prepare_environment


def workforce() -> None:
    """Run the `workforce` command, and end the process."""
    # the working folder is not searched for modules, and is not by processes that this one starts
    os.environ["PYTHONSAFEPATH"] = "1"
    leave_after(_workforce)


def simulation() -> None:
    """Run the command line of `python -m flows.multi_year`, and end the process."""
    leave_after(_simulation)


def _workforce() -> None:
    _expand_home()
    prepare_environment()
    from flows.cli.main import command

    command()


def _simulation() -> None:
    _expand_home()
    try:
        prepare()
    except InputError as error:
        print(error, file=sys.stderr)
        raise SystemExit(WRONG_INPUT) from None
    from flows.cli.run import command

    command()


def _expand_home() -> None:
    sys.argv[1:] = [_at_home(argument) for argument in sys.argv[1:]]


def _at_home(argument: str) -> str:
    """An argument with the home folder for `~`, which the shell leaves in quotes and after `--flag=`."""
    flag, equals, path = argument.partition("=") if argument.startswith("--") else ("", "", argument)
    return flag + equals + os.path.expanduser(path)
