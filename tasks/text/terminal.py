"""Printing on a terminal or into a pipe."""

import os
import sys

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

#: The width of a pipe, in which no table is wrapped, and of a terminal that does not report its own.
UNLIMITED, UNKNOWN_TERMINAL = 100_000, 80


def console(*, stderr: bool = False) -> Console:
    """Where results or messages are printed: as wide as `width_of` says."""
    return Console(width=width_of(stderr=stderr), emoji=False, stderr=stderr)


def width_of(*, stderr: bool = False) -> int:
    """Return the width of a stream: as COLUMNS says, else that of the terminal; a pipe has no width.

    COLUMNS does not count where LINES is set beside it: a program that uses readline, such as Python's own
    shell, sets both for the processes that it starts, and nobody asked for a width.
    """
    columns = "" if "LINES" in os.environ else os.environ.get("COLUMNS", "")
    if columns.isdigit() and int(columns) > 0:
        return int(columns)
    stream = sys.stderr if stderr else sys.stdout
    if stream.isatty():
        return os.get_terminal_size(stream.fileno()).columns or UNKNOWN_TERMINAL
    return UNLIMITED


def say(text: str) -> None:
    """Print a text as it is, whatever names are in it: no markup, no colours; wrapped as by `wrapped`."""
    _print(text, console())


def say_command(text: str, *, stderr: bool = False) -> None:
    """Print a text with a command on one line, so that it can be copied."""
    console(stderr=stderr).print(text, markup=False, highlight=False, soft_wrap=True)


def say_error(text: str, label: str = "", style: str = "") -> None:
    """Print a message on standard error as `say` does; a label in front of it has a style."""
    _print(f"{label} {text}" if label else text, console(stderr=True), label, style)


def _print(text: str, out: Console, label: str = "", style: str = "") -> None:
    whole = Text("\n".join(wrapped(text, out.width)))
    whole.stylize(style, 0, len(label))
    out.print(whole, highlight=False, soft_wrap=True)


def wrapped(text: str, width: int) -> list[str]:
    """Return lines of at most the width, broken between words; a longer word, such as a path, stays whole.

    What continues an indented line is indented further.
    """
    lines = []
    for whole in text.split("\n"):
        indent = whole[: len(whole) - len(whole.lstrip(" "))]
        line, *words = whole[len(indent) :].split(" ")
        line = indent + line
        for word in words:
            if cell_len(line) + 1 + cell_len(word) <= width:
                line += f" {word}"
            else:
                lines.append(line)
                line = f"{indent}  {word}" if indent else word
        lines.append(line)
    return lines
