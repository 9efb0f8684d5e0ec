"""Has the pipeline become slower? Ratios of one run, pipeline ÷ floor, beside a stored baseline.

    python -m tests.benchmarks.regression                     # measure 100,000 employees three times, compare
    python -m tests.benchmarks.regression --measured FILE     # compare what tests.benchmarks.run wrote
    python -m tests.benchmarks.regression --update            # what was found becomes the baseline

Exit status 1 where a ratio is more than 20 % above the baseline's. A ratio, since both parts are taken on
the same machine within minutes of each other; of several measurements the least counts, which other work
on the machine disturbs least. Processor seconds are always compared. Seconds tell of waiting too, but on a
busy machine of other people's work: they are compared where fewer processes than cores wanted to run.
"""

import argparse
import json
import os
import sys
import tempfile
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.benchmarks.run import CASES, Case, measure_all

BASELINE = Path(__file__).with_name("baseline.json")
ALLOWED_LOSS = 0.20
MEASURED = ("100k-cold", "100k-floor")

#: Case -> unit -> figure.
Figures = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Comparison:
    """A ratio as it was and as it is."""

    case: str
    unit: str
    before: float
    now: float

    @property
    def loss(self) -> float:
        """By how much it is slower, as a share."""
        return self.now / self.before - 1

    @property
    def is_lost(self) -> bool:
        """Whether that is more than allowed."""
        return self.loss > ALLOWED_LOSS


def floor_of(case: Case) -> str | None:
    """The name of the floor that a pipeline's case is measured by."""
    for other in CASES:
        if other.kind == "floor" and (other.employees, other.replicates) == (case.employees, case.replicates):
            return other.name
    return None


def ratios(measured: Figures) -> dict[str, dict[str, float]]:
    """Pipeline ÷ floor, by case and unit, of every case of which both were measured."""
    found = {}
    for case in CASES:
        floor = floor_of(case) if case.kind == "pipeline" else None
        if floor in measured and case.name in measured:
            ours, its = measured[case.name], measured[floor]
            quiet = max(ours["load"], its["load"]) < (os.cpu_count() or 1)
            units = ("processor_seconds", "seconds") if quiet else ("processor_seconds",)
            found[case.name] = {unit: ours[unit] / its[unit] for unit in units}
    return found


def compare(found: dict[str, dict[str, float]], baseline: dict[str, dict[str, float]]) -> list[Comparison]:
    """Each ratio that the baseline has too. Raises ValueError where there is none to compare."""
    common = [
        Comparison(case, unit, baseline[case][unit], ratio)
        for case, units in found.items()
        for unit, ratio in units.items()
        if unit in baseline.get(case, {})
    ]
    if not common:
        raise ValueError(
            f"nothing to compare: measured are {', '.join(found) or 'no pairs of pipeline and floor'}, the "
            f"baseline has {', '.join(baseline) or 'none'}"
        )
    return common


def measure(names: tuple[str, ...], repeat: int, console: Console) -> Figures:
    """Figures of the cases, the least of so many rounds."""
    cases = [case for case in CASES if case.name in names]
    least: Figures = {}
    for _ in range(repeat):
        with tempfile.TemporaryDirectory(prefix="regression-") as folder:
            for name, one in measure_all(cases, Path(folder), console).items():
                new = asdict(one)
                least[name] = {unit: min(new[unit], least.get(name, new)[unit]) for unit in new}
    return least


def comparison_table(compared: list[Comparison]) -> Table:
    """A row per ratio."""
    table = Table(title="Pipeline ÷ floor")
    for heading in ("Case", "Unit", "Baseline", "Now", "Change", "Result"):
        table.add_column(heading, justify="left" if heading in ("Case", "Unit") else "right")
    for one in compared:
        result = "[bold red]SLOWER[/]" if one.is_lost else "ok"
        table.add_row(
            one.case, _words(one.unit), f"{one.before:.2f}", f"{one.now:.2f}", f"{one.loss:+.0%}", result
        )
    return table


def _words(unit: str) -> str:
    return unit.replace("_", " ")


def main(arguments: list[str] | None = None) -> int:
    """Measure or read, compare, print. Returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--measured", type=Path, help="JSON of tests.benchmarks.run")
    parser.add_argument("--only", action="append", choices=[case.name for case in CASES], metavar="NAME")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--baseline", type=Path, default=BASELINE)
    parser.add_argument("--update", action="store_true", help="store what was found as the baseline")
    asked = parser.parse_args(arguments)
    console = Console()
    if asked.measured:
        record: dict[str, Any] = json.loads(asked.measured.read_text(encoding="utf-8"))
        measured = record["measured"]
    else:
        measured = measure(tuple(asked.only or MEASURED), asked.repeat, console)
    found = ratios(measured)
    if asked.update:
        kept = json.loads(asked.baseline.read_text(encoding="utf-8")) if asked.baseline.exists() else {}
        updated = {"date": date.today().isoformat(), "ratios": {**kept.get("ratios", {}), **found}}
        asked.baseline.write_text(json.dumps(updated, indent=2) + "\n", encoding="utf-8")
        console.print(f"Stored in {asked.baseline}", soft_wrap=True)
        return 0
    compared = compare(found, json.loads(asked.baseline.read_text(encoding="utf-8"))["ratios"])
    console.print(comparison_table(compared))
    lost = [one for one in compared if one.is_lost]
    for one in lost:
        console.print(
            f"[bold red]{one.case} takes {one.now:.2f} times the {_words(one.unit)} of its floor, "
            f"{one.loss:.0%} more than the {one.before:.2f} of the baseline; {ALLOWED_LOSS:.0%} is allowed. "
            "[/]Find what made it slower, or, if it is worth it, store it with --update.",
            soft_wrap=True,
        )
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
