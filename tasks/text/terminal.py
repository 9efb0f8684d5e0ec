"""Printing on a terminal or into a pipe."""

import os
import sys

from rich.console import Console

#: The width of a pipe, in which no table is wrapped, and of a terminal that does not report its own.
UNLIMITED, UNKNOWN_TERMINAL = 100_000, 80


def console() -> Console:
    """Where results are printed: as wide as COLUMNS says, else as the terminal is; a pipe has no width.

    COLUMNS does not count where LINES is set beside it: a program that uses readline, such as Python's own
    shell, sets both for the processes that it starts, and nobody asked for a width.
    """
    columns = "" if "LINES" in os.environ else os.environ.get("COLUMNS", "")
    if columns.isdigit() and int(columns) > 0:
        width = int(columns)
    elif sys.stdout.isatty():
        width = os.get_terminal_size(sys.stdout.fileno()).columns or UNKNOWN_TERMINAL
    else:
        width = UNLIMITED
    return Console(width=width, emoji=False)


def say(line: str) -> None:
    """Print a line as it is, whatever names are in it: no markup, no colours, no line ends of ours."""
    console().print(line, markup=False, highlight=False, soft_wrap=True)
