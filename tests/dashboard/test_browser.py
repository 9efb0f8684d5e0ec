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

import axe_playwright_python
import pytest
from playwright.sync_api import Locator, Page, expect

from tasks.alerts import Alert, store_of
from tasks.system.project import ROOT
from tests.awkward import FORMULA
from tests.dashboard.browser import CHARTS, SECONDS, Browser, settled
from tests.dashboard.conftest import Serve
from tests.flows.conftest import prefect_server, small_census  # noqa: F401 - fixtures

pytestmark = pytest.mark.slow

CHARTED = ("Overview", "Workforce", "Cost", "Pay")
PAGES = (*CHARTED, "Compare", "Assumptions", "Operations", "Employees")
LOOKED_BEHIND = "&by=location&is.level=1&is.level=2&behind=loaded_cost"
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")


def tab(page: Page, name: str) -> None:
    """Go to a page by its tab, and wait until it is shown."""
    page.get_by_role("tab", name=name).click()
    expect(page.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")
    settled(page)


def choose(page: Page, label: str, option: re.Pattern[str]) -> None:
    """Choose from a list."""
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option).last.click()
    settled(page)


def state(page: Page, name: str) -> Locator:
    """Return the badge with the run's state."""
    return page.locator(".stMarkdownBadge", has_text=name).first


def serious_faults(page: Page) -> list[str]:
    """Return the serious and critical faults that axe-core finds on a page."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{fault['id']}: {node['html'][:200]} {node['failureSummary']}"
        for fault in found["violations"]
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_each_page_fits_the_screen_and_axe_finds_nothing_serious(
    two_runs: Path, serve: Serve, browser: Browser, width: int, scheme: str
) -> None:
    address = serve(two_runs, "--show-pay")
    page = browser.page(width=width, scheme=scheme)  # type: ignore[arg-type] # light or dark
    for name in PAGES:
        page.goto(f"{address}/?page={name}{LOOKED_BEHIND if name in CHARTED else ''}")
        settled(page)
        if name in CHARTED:
            expect(page.locator(CHARTS).first).to_be_visible()
            expect(page.get_by_text("Events of 2028")).to_be_visible()
        browser.screenshot(page, f"{name.lower()}-{width}-{scheme}")
        wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wider <= 0, f"{name} is {wider} pixels wider than the screen"
        assert serious_faults(page) == [], name
        assert page.evaluate(TEXTS_IN_OTHER_COLOURS) == [], f"{name}: axe-core does not look into charts"
        background = page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
        assert (sum(map(int, re.findall(r"\d+", background)[:3])) < 200) == (scheme == "dark")


#: Texts in charts in another colour than that of the page's texts.
TEXTS_IN_OTHER_COLOURS = """(() => {
    const colour = getComputedStyle(document.querySelector(".stApp")).color;
    const texts = [...document.querySelectorAll("[data-testid=stVegaLiteChart] svg text")];
    return texts.filter(text => getComputedStyle(text).fill !== colour).map(text => text.textContent);
})()"""

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


def hovered(page: Page, chart: Locator) -> list[tuple[str, list[str]]]:
    """Return descriptions for screen readers and rows of the tooltips of some marks of a chart."""
    marks = chart.evaluate(IN_SIGHT)
    found = []
    for mark in (*marks[:1], *marks[-1:]):
        page.mouse.move(0, 0)
        page.mouse.move(mark["x"], mark["y"])
        tooltip = page.locator("#vg-tooltip-element.visible")
        expect(tooltip).to_be_visible(timeout=5 * SECONDS)
        rows = [row.inner_text().split("\t") for row in tooltip.locator("tr").all()]
        found.append((mark["words"], [f"{name.strip()}: {value.strip()}" for name, value in rows]))
    return found


def test_tooltips_are_those_of_the_mark_under_the_mouse(output: Path, serve: Serve, browser: Browser) -> None:
    page = browser.page()
    address = serve(output)
    seen = 0
    for name in CHARTED:
        page.goto(f"{address}/?page={name}")
        settled(page)
        expect(page.locator("[role=graphics-symbol][aria-label]").first).to_be_attached()
        charts = page.locator("[data-testid=stVegaLiteChart]")
        for number in range(0, charts.count(), 3):
            for words, tooltip in hovered(page, charts.nth(number)):
                assert tooltip and all(line in words for line in tooltip), f"{name}: {tooltip}, {words}"
                seen += 1
        browser.screenshot(page, f"hovered-{name.lower()}")
    assert seen > 20


def test_a_clicked_bar_shows_what_is_behind_it_as_does_the_keyboard_and_the_link(
    output: Path, serve: Serve, browser: Browser
) -> None:
    page = browser.page()
    page.goto(serve(output))
    settled(page)
    chart = page.locator("[data-testid=stVegaLiteChart]").and_(page.get_by_label("Hires", exact=True))
    bar = chart.locator("[aria-label^='Year: 2027, Scenario: drawn']").first
    bar.scroll_into_view_if_needed()
    bar.click()
    expect(page.get_by_text("Hires, drawn, 2027")).to_be_visible()
    expect(page).to_have_url(re.compile("behind=hires&behind.scenario=drawn&behind.year=2027"))
    expect(page.get_by_text("Events of 2027 in drawn")).to_be_visible()

    figure = page.get_by_role("combobox", name="Figure")
    figure.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Leavers, drawn, 2027")).to_be_visible()
    expect(page).to_have_url(re.compile("behind=leavers"))
    browser.screenshot(page, "behind")

    other = browser.page()
    other.goto(page.url)
    expect(other.get_by_text("Leavers, drawn, 2027")).to_be_visible()
    page.go_back()
    expect(page.get_by_text("Hires, drawn, 2027")).to_be_visible()


def test_filters_tables_and_downloads(output: Path, serve: Serve, browser: Browser, tmp_path: Path) -> None:
    shutil.copytree(output / "done", output / "other")
    page = browser.page()
    page.goto(serve(output))
    settled(page)
    choose(page, "Run", re.compile(r"\(other\)$"))
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
