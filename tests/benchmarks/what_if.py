"""How soon page What-if shows the figures of a moved lever: `python -m tests.benchmarks.what_if DIR …`.

Each DIR is a directory of runs; the what-if begins with the newest finished one. Time is from the key that
moves the lever to the new figures on the screen, in Chromium: `first` after the page was opened, `next` while
the bands of the move before are still being simulated. `charts` is until Streamlit has drawn the rest of the
page, `server` the processor time that the server took, `bands` the seconds until bands are shown.
"""

import argparse
import tempfile
import time
from pathlib import Path

import psutil
from playwright.sync_api import Page

from tasks.dashboard.runs import newest, read_runs
from tests.dashboard.browser import SECONDS, chromium, serving, settled

LEVER = "Growth of headcount (%), as a number"
PATIENCE = 600 * SECONDS
SHOWS_OTHER = """before => {
    const figure = document.querySelector('[data-testid=stMetric]');
    return figure && figure.innerText !== before;
}"""


def move(page: Page, server: psutil.Process, value: float) -> tuple[float, float, float]:
    """Move a lever; return seconds until new figures and until the page is drawn, and processor seconds."""
    lever = page.get_by_label(LEVER)
    before = page.locator("[data-testid=stMetric]").first.inner_text(timeout=PATIENCE)
    lever.fill(f"{value:g}")
    worked, began = sum(server.cpu_times()[:2]), time.perf_counter()
    lever.press("Enter")
    page.wait_for_function(SHOWS_OTHER, arg=before, timeout=PATIENCE)
    shown, worked = time.perf_counter() - began, sum(server.cpu_times()[:2]) - worked
    settled(page)
    return shown, time.perf_counter() - began, worked


def main() -> None:
    """Print a line per move."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("outputs", type=Path, nargs="+")
    parser.add_argument("--moves", type=int, default=4)
    parser.add_argument("--no-bands", action="store_true")
    asked = parser.parse_args()
    print(f"{'employees':>10}  {'move':<8}{'seconds':>8}{'charts':>8}{'server':>8}   load")
    for output in asked.outputs:
        run = newest(read_runs(output), finished=True)
        if run is None:
            raise SystemExit(f"{output} has no finished run")
        employees = f"{run.record.census.at_opening:>10,}"
        with (
            serving(output) as (address, server),
            tempfile.TemporaryDirectory() as folder,
            chromium(Path(folder)) as browser,
        ):
            page = browser.page()
            began = time.perf_counter()
            page.goto(f"{address}/?page=What-if&run={run.run_id}", timeout=PATIENCE)
            page.wait_for_selector("[data-testid=stMetric]", timeout=PATIENCE)
            _line(employees, "open", time.perf_counter() - began)
            for number in range(asked.moves):
                times = move(page, server, 4 + number / 10)
                _line(employees, "next" if number else "first", *times)
            if not asked.no_bands:
                began = time.perf_counter()
                page.get_by_text("5 % to 95 % of 20 replicates").wait_for(timeout=PATIENCE)
                _line(employees, "bands", time.perf_counter() - began)
            assert browser.complaints == [], browser.complaints


def _line(employees: str, what: str, *seconds: float) -> None:
    numbers = "".join(f"{one:8.2f}" for one in seconds)
    print(f"{employees}  {what:<8}{numbers:<24}   {psutil.getloadavg()[0]:.1f}", flush=True)


if __name__ == "__main__":
    main()
