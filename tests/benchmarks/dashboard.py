"""How soon the dashboard shows the charts of a run: `python -m tests.benchmarks.dashboard DIR [--visits N]`.

DIR is a directory of runs; the newest finished one is shown. Time is from navigation to the last chart of
the page being drawn: `first` in a new Chromium, which gets four megabytes of scripts, and from a server
that has shown nothing yet; `again` in the same browser. `server` is the processor time that the server took.
"""

import argparse
import tempfile
import time
from pathlib import Path

import psutil
from playwright.sync_api import Page

from tests.dashboard.browser import CHARTS, chromium, serving, settled

PAGES = {"Overview": 2, "Workforce": 6, "Cost": 2}  # and how many charts one scenario has there at least


def measure(page: Page, server: psutil.Process, address: str, page_name: str) -> tuple[float, float]:
    """Seconds until a page's charts are drawn, and processor seconds of the server."""
    worked = sum(server.cpu_times()[:2])
    started = time.perf_counter()
    page.goto(f"{address}/?page={page_name}")
    page.wait_for_function(
        "([selector, count]) => document.querySelectorAll(selector).length >= count",
        arg=[CHARTS, PAGES[page_name]],
    )
    seconds = time.perf_counter() - started
    settled(page)
    page.goto("about:blank")
    return seconds, sum(server.cpu_times()[:2]) - worked


def main() -> None:
    """Print a line per visit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path)
    parser.add_argument("--visits", type=int, default=3)
    asked = parser.parse_args()
    print(f"{'page':<12}{'visit':<8}{'seconds':>8}{'server':>8}   load {psutil.getloadavg()[0]:.1f}")
    for name in PAGES:
        with (
            serving(asked.output) as (address, server),
            tempfile.TemporaryDirectory() as folder,
            chromium(Path(folder)) as browser,
        ):
            page = browser.page()
            for visit in range(asked.visits):
                seconds, worked = measure(page, server, address, name)
                print(f"{name:<12}{'again' if visit else 'first':<8}{seconds:8.2f}{worked:8.2f}")
            assert browser.complaints == [], browser.complaints


if __name__ == "__main__":
    main()
