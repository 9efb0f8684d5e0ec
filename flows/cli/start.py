"""The start of a command: sets the module path, the garbage collector and Prefect's settings first.

Only the standard library is imported at the top: the working folder must be off the module path before any
other import. flows.cli.main prepares Prefect's settings before it imports a subcommand that needs Prefect.
"""

import os
import sys
from collections.abc import Callable


def workforce() -> None:
    """Run the `workforce` command, and end the process."""
    # child processes must not search the working folder for modules either
    os.environ["PYTHONSAFEPATH"] = "1"
    _run(_workforce)


def simulation() -> None:
    """Run the command line of `python -m flows.multi_year`, and end the process."""
    _leave_working_folder()
    _run(_simulation)


def _leave_working_folder() -> None:
    """Take the working folder, which `python -m` puts before everything installed, off the module path.

    A settings.py or random.py there would be imported instead of this project's or Python's.
    """
    packages = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    if not sys.flags.safe_path and not os.path.samefile(sys.path[0], packages):
        del sys.path[0]
        os.environ["PYTHONSAFEPATH"] = "1"  # for child processes


def _run(command: Callable[[], None]) -> None:
    from flows.cli.leave import leave_after
    from tasks.system.garbage import collect_rarely

    collect_rarely()
    sys.argv[1:] = [_at_home(argument) for argument in sys.argv[1:]]
    leave_after(command)


def _workforce() -> None:
    from tasks.server.prefect_settings import prepare_environment

    prepare_environment()
    from flows.cli.main import command

    command()


def _simulation() -> None:
    from flows.cli.leave import WRONG_INPUT
    from settings.errors import InputError
    from tasks.server.prefect_settings import prepare
    from tasks.text.terminal import say_error

    try:
        prepare()
    except InputError as error:
        say_error(str(error))
        raise SystemExit(WRONG_INPUT) from None
    from flows.cli.run import command

    command()


def _at_home(argument: str) -> str:
    """Expand `~` in an argument: the shell does not where it is quoted or follows `--flag=`."""
    flag, equals, path = argument.partition("=") if argument.startswith("--") else ("", "", argument)
    return flag + equals + os.path.expanduser(path)
