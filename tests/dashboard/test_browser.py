"""`workforce dashboard` as a visitor sees it: the real server in the distribution's Chromium."""

import csv
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tasks.alerts import Alert, store_of
from tasks.dashboard.data import default_part, run_tables
from tasks.dashboard.runs import newest, read_runs
from tasks.results.report.charts import charts_of
from tasks.system.project import ROOT
from tests.awkward import FORMULA
from tests.dashboard.browser import CHARTS, SECONDS, Browser, settled
from tests.dashboard.conftest import Serve
from tests.flows.conftest import prefect_server, small_census  # noqa: F401 - fixtures
from tests.results.test_charts import units

pytestmark = pytest.mark.slow

CHARTED = {
    "Overview": ("headcount", "payroll", "differences", "breakdown", "spread"),
    "Workforce": ("levels", "promotions", "causes", "turnover", "cohorts", "dimensions"),
    "Cost": ("cost", "months"),
}
PAGES = ("Overview", "Workforce", "Cost", "Assumptions", "Operations", "Employees")


def tab(page: Page, name: str) -> None:
    """Go to a page by its tab, and wait until it is shown."""
    page.get_by_role("tab", name=name).click()
    expect(page.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")
    settled(page)


def choose(page: Page, label: str, option: str) -> None:
    """Choose from a list."""
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option, exact=True).click()
    settled(page)


def state(page: Page, name: str) -> Locator:
    """Return the badge with the run's state."""
    return page.locator(".stMarkdownBadge", has_text=name).first


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 420])
def test_each_page_is_drawn_within_the_screen(
    output: Path, serve: Serve, browser: Browser, width: int, scheme: str
) -> None:
    address = serve(output, "--show-pay")
    page = browser.page(width=width, scheme=scheme)  # type: ignore[arg-type] # light or dark
    for name in PAGES:
        page.goto(f"{address}/?page={name}")
        settled(page)
        if name in ("Overview", "Workforce", "Cost"):
            expect(page.locator(CHARTS).first).to_be_visible()
        browser.screenshot(page, f"{name.lower()}-{width}-{scheme}")
        wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wider <= 0, f"{name} is {wider} pixels wider than the screen"
        background = page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
        assert (sum(map(int, re.findall(r"\d+", background)[:3])) < 200) == (scheme == "dark")


#: Marks of a chart that a mouse can reach at their middle: not empty, and not behind others.
IN_SIGHT = """chart => {
    chart.scrollIntoView({block: "center"});
    return [...chart.querySelectorAll("[role=graphics-symbol][aria-label]")].flatMap(mark => {
        const box = mark.getBoundingClientRect();
        const middle = {x: box.x + box.width / 2, y: box.y + box.height / 2};
        const is_met = box.width * box.height > 0 && document.elementFromPoint(middle.x, middle.y) === mark;
        return is_met ? [{...middle, words: mark.getAttribute("aria-label")}] : [];
    });
}"""


def hovered(page: Page, chart: Locator) -> list[tuple[str, str]]:
    """Return descriptions for screen readers and tooltips of some marks of a chart."""
    expect(chart.locator("[role=graphics-symbol][aria-label]").first).to_be_attached()
    marks = chart.evaluate(IN_SIGHT)
    assert marks
    found = []
    for mark in (marks[0], marks[len(marks) // 2], marks[-1]):
        page.mouse.move(0, 0)
        page.mouse.move(mark["x"], mark["y"])
        tooltip = page.locator("#vg-tooltip-element.visible")
        expect(tooltip).to_be_visible(timeout=5 * SECONDS)
        found.append((mark["words"], " ".join(tooltip.inner_text().split())))
    return found


def test_tooltips_show_each_marks_own_value(output: Path, serve: Serve, browser: Browser) -> None:
    run = newest(read_runs(output), finished=True)
    assert run is not None
    page = browser.page()
    address = serve(output)
    for name, keys in CHARTED.items():
        tables = run_tables(run, default_part(run), keys)
        page.goto(f"{address}/?page={name}")
        settled(page)
        for key in keys:
            specs = charts_of(tables[key])
            rows = {
                row["words"]: " ".join(f"{each['title']} {row[each['field']]}" for each in fields)
                for _, spec in specs
                for unit in units(spec)
                if (fields := unit.encoding.get("tooltip"))
                for row in unit.rows
            }
            caption = f", {specs[-1][0]}" if specs[-1][0] else ""  # of a scenario that differs
            described = f"{tables[key].title}{caption}"
            chart = page.locator("[data-testid=stVegaLiteChart]").and_(page.get_by_label(described)).first
            for words, tooltip in hovered(page, chart):
                assert tooltip == rows[words], f"{described}: {tooltip}"
        browser.screenshot(page, f"hovered-{name.lower()}")


def test_filters_tables_and_downloads(output: Path, serve: Serve, browser: Browser, tmp_path: Path) -> None:
    shutil.copytree(output / "done", output / "other")
    page = browser.page()
    page.goto(serve(output))
    settled(page)
    choose(page, "Run", "other")
    expect(page).to_have_url(re.compile("run=other"))
    for scenario in ("base", "dear", "drawn"):
        remove = page.get_by_role("button", name=f"Remove {scenario}")
        remove.click()
        expect(remove).to_have_count(0)
    expect(page.get_by_text("Scenarios against")).to_have_count(0)
    with page.expect_download() as report:
        page.get_by_role("button", name="Report").click()
    assert report.value.suggested_filename == "other-report.html"
    assert Path(report.value.path()).read_bytes() == (output / "other" / "report.html").read_bytes()
    with page.expect_download() as workbook:
        page.get_by_role("button", name="Workbook").click()
    assert Path(workbook.value.path()).read_bytes() == (output / "other" / "results.xlsx").read_bytes()

    tab(page, "Workforce")
    expect(page).to_have_url(re.compile("run=other"))  # the run stays chosen from page to page
    page.get_by_text("Table", exact=True).last.click()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    rows = list(csv.DictReader(Path(download.value.path()).read_text().splitlines()))
    assert {row["Dimension"] for row in rows} == {"department"}
    assert f"'{FORMULA}" in {row["Value"] for row in rows}, "a spreadsheet does not run it"
    browser.screenshot(page, "table")


def test_an_alert_is_acknowledged(output: Path, serve: Serve, browser: Browser) -> None:
    store = store_of(output)
    store.add(Alert("run_duration", "done", facts={"Setting": "sla.run_seconds", "Limit": "10 s"}), 60)
    page = browser.page()
    page.goto(f"{serve(output)}/?page=Operations")
    expect(page.get_by_text("The run takes longer than allowed")).to_be_visible()
    browser.screenshot(page, "raised")
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.get_by_text("acknowledged by")).to_be_visible()
    assert store.recent()[0].acknowledged_by
    # raised while the page is open
    store.add(Alert("run_failed", "done", facts={"Error": "RuntimeError: a_b <c> *d*"}), 60)
    expect(page.get_by_text("RuntimeError: a_b <c> *d*")).to_be_visible()


def test_a_run_is_watched_from_start_to_end(
    tmp_path: Path,
    serve: Serve,
    browser: Browser,
    small_census: Path,  # noqa: F811
    prefect_server: "PrefectServer",  # type: ignore[name-defined] # noqa: F811, F821
) -> None:
    runs = tmp_path / "runs"
    address = serve(runs)
    operations, overview = browser.page(), browser.page()
    operations.goto(f"{address}/?page=Operations")
    overview.goto(address)
    expect(operations.get_by_text("There are no runs in")).to_be_visible()
    flags = ["--census", str(small_census), "--years", "2025-2027", "--run-id", "watched"]
    flags += ["--set", "dbt.node_tasks=true"]  # a year is over before the page looks again, otherwise
    run = subprocess.Popen(
        [sys.executable, "-m", "flows.multi_year", "--output", str(runs), *flags],
        cwd=ROOT,
        env=prefect_server.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        expect(state(operations, "running")).to_be_visible(timeout=120 * SECONDS)
        seen = set()
        progress = operations.get_by_text(re.compile(r"\d of 3 years complete"))
        while run.poll() is None:
            seen.add(progress.inner_text())
            if "1 of 3 years complete" in seen and not (browser.folder / "running.png").exists():
                browser.screenshot(operations, "running")
            time.sleep(0.2)
        assert run.returncode == 0
    finally:
        run.kill()
    expect(operations.get_by_text("3 of 3 years complete")).to_be_visible()
    expect(state(operations, "complete")).to_be_visible()
    assert {"0 of 3 years complete", "1 of 3 years complete"} <= seen
    expect(overview.get_by_role("button", name="Report")).to_be_visible()
    expect(overview.locator(CHARTS).first).to_be_visible()
    browser.screenshot(operations, "complete")


def test_a_run_removed_while_it_is_shown(output: Path, serve: Serve, browser: Browser) -> None:
    shutil.copytree(output / "done", output / "other")
    page = browser.page()
    page.goto(f"{serve(output)}/?run=other")
    expect(page.locator(CHARTS).first).to_be_visible()
    shutil.rmtree(output / "other")
    expect(page.get_by_text("Run other does not exist or was removed")).to_be_visible()
    shutil.rmtree(output / "done")
    expect(page.get_by_text("There are no runs in")).to_be_visible()


def test_it_listens_on_this_machine_only_and_serves_no_other_name(output: Path, serve: Serve) -> None:
    port = int(serve(output).rpartition(":")[2])
    others = [address[4][0] for address in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)]
    for address in {*others} - {"127.0.0.1", "127.0.1.1"}:
        with socket.socket() as probe:
            probe.settimeout(2)
            assert probe.connect_ex((address, port)) != 0
    assert not list(Path(os.environ.get("HOME", "/nonexistent")).glob(".streamlit/machine_id_v4_new"))
