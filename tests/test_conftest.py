"""What all tests share does what it is for."""

import gc
import logging
import sys
from collections.abc import Callable

import typer
from click.testing import Result
from typer.testing import CliRunner


def test_a_log_handler_of_one_command_writes_to_the_stderr_of_the_next() -> None:
    """As Prefect's does, which is made when a command imports Prefect."""

    def call(command: Callable[[], None]) -> Result:
        app = typer.Typer()
        app.command()(command)
        return CliRunner().invoke(app)

    made: list[logging.Handler] = []
    call(lambda: made.append(logging.StreamHandler(sys.stderr)))
    gc.collect()  # closes the first command's stderr
    done = call(lambda: made[0].emit(logging.makeLogRecord({"msg": "a warning"})))
    assert (done.exit_code, done.stderr) == (0, "a warning\n")
