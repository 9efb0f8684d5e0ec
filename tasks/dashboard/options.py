"""The options of `workforce dashboard`, passed to app.py as command-line arguments."""

import argparse
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Options:
    """The directory of runs, and whether pages show individual employees' pay."""

    output: Path
    show_pay: bool

    def arguments(self) -> list[str]:
        """Return the arguments from which `options` reads equal options."""
        return ["--output", str(self.output), *(["--show-pay"] if self.show_pay else [])]


@cache
def options() -> Options:
    """Read the arguments that Streamlit passes to app.py."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--output", type=Path, default=Path("runs"))
    parser.add_argument("--show-pay", action="store_true")
    return Options(**vars(parser.parse_args(sys.argv[1:])))
