"""What `workforce dashboard` was asked for."""

import argparse
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Options:
    """The directory of runs, and whether the pay of single employees may be seen."""

    output: Path
    show_pay: bool

    def arguments(self) -> list[str]:
        """The arguments from which `options` reads the same."""
        return ["--output", str(self.output), *(["--show-pay"] if self.show_pay else [])]


@cache
def options() -> Options:
    """Read the arguments that Streamlit hands to app.py."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--output", type=Path, default=Path("runs"))
    parser.add_argument("--show-pay", action="store_true")
    return Options(**vars(parser.parse_args(sys.argv[1:])))
