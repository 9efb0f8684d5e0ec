"""The start of a command: module path, garbage collector and Prefect's settings, before anything else.

No package is imported at the top but Python's own: the working folder is not to be searched for it. Prefect's
settings are put in order before a subcommand that needs Prefect is imported (flows.cli.main).
"""

import os
import sys
from collections.abc import Callable


def workforce() -> None:
    """Run the `workforce` command, and end the process."""
    # the working folder is not searched for modules, and is not by processes that this one starts
    os.environ["PYTHONSAFEPATH"] = "1"
    _run(_workforce)


def simulation() -> None:
    """Run the command line of `python -m flows.multi_year`, and end the process."""
    _leave_working_folder()
    _run(_simulation)


def _leave_working_folder() -> None:
    """Take the working folder, which `python -m` puts before everything installed, off the module path.

    A settings.py or random.py there would be imported in place of ours or Python's own.
    """
    packages = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    if not sys.flags.safe_path and not os.path.samefile(sys.path[0], packages):
        del sys.path[0]
        os.environ["PYTHONSAFEPATH"] = "1"  # for processes that this one starts


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

    try:
        prepare()
    except InputError as error:
        print(error, file=sys.stderr)
        raise SystemExit(WRONG_INPUT) from None
    from flows.cli.run import command

    command()


def _at_home(argument: str) -> str:
    """An argument with the home folder for `~`, which the shell leaves in quotes and after `--flag=`."""
    flag, equals, path = argument.partition("=") if argument.startswith("--") else ("", "", argument)
    return flag + equals + os.path.expanduser(path)
