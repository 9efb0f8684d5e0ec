"""Page What-if in a real Chromium: two visitors, a phone, and a run for good that survives a reload."""

import re
from pathlib import Path

import polars as pl
import pytest
from playwright.sync_api import Page, expect

from tasks.runs.directory import RunDirectory
from tasks.runs.record import read_record
from tasks.studies.what_if import figures
from tasks.warehouse.published import published
from tests.dashboard.browser import CHARTS, SECONDS, Browser
from tests.dashboard.conftest import Serve

pytestmark = pytest.mark.slow

LONG = 300 * SECONDS
FIGURES = "[...document.querySelectorAll('[data-testid=stMetric]')].map(one => one.innerText).join()"


def opened(page: Page, address: str, levers: str = "") -> None:
    page.goto(f"{address}/?page=What-if{levers}", timeout=LONG)
    page.wait_for_selector("[data-testid=stMetric]", timeout=LONG)


def headcount(page: Page) -> str:
    return page.locator("[data-testid=stMetric]").first.inner_text()


def move(page: Page, label: str, value: str) -> None:
    """Move a lever by its number field, with the keyboard, and wait for other figures."""
    before = page.evaluate(FIGURES)
    field = page.get_by_label(f"{label}, as a number")
    field.fill(value)
    field.press("Enter")
    shows_others(page, before)


def shows_others(page: Page, before: str) -> None:
    page.wait_for_function(f"before => {FIGURES} !== before", arg=before, timeout=LONG)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=LONG)


def test_two_visitors_see_their_own_figures_also_on_a_phone(
    output: Path, serve: Serve, browser: Browser
) -> None:
    address = serve(output)
    one, other = browser.page(), browser.page(width=420, scheme="dark")
    opened(one, address)
    opened(other, address)
    move(one, "Growth of headcount (%)", "10")
    move(other, "Growth of headcount (%)", "-5")
    grown, shrunk = headcount(one), headcount(other)
    assert re.search(r"\+\d+ employees", grown) and re.search(r"-\d+ employees", shrunk)
    move(other, "Merit budget (%)", "8")
    expect(one.get_by_text(re.compile("5 % to 95 % of 20 replicates"))).to_be_visible(timeout=LONG)
    assert headcount(one) == grown
    slider = one.get_by_role("slider", name="Growth of headcount (%)")
    expect(slider).to_have_value("10")
    before = one.evaluate(FIGURES)
    slider.press("ArrowLeft")
    shows_others(one, before)
    for page, name in ((one, "wide"), (other, "phone-dark")):
        expect(page.locator(CHARTS).first).to_be_visible()
        browser.screenshot(page, name)
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    one.reload(timeout=LONG)
    one.wait_for_selector("[data-testid=stMetric]", timeout=LONG)
    assert "growth" in one.url, "the address has the levers"


def test_a_run_for_good_shows_its_progress_and_has_the_figures_of_the_page(
    output: Path, serve: Serve, browser: Browser
) -> None:
    page = browser.page()
    opened(page, serve(output), "&levers=growth:10,merit:3")
    shown = page.locator("[data-testid=stMetric]").first.locator("[data-testid=stMetricValue]").inner_text()
    page.get_by_text("Run it for good").click()
    page.get_by_role("button", name="Start the run").click()
    page.get_by_role("button", name="Stop the run").click(timeout=LONG)
    expect(page.get_by_text(re.compile("was stopped"))).to_be_visible(timeout=LONG)
    page.get_by_role("button", name="Start the run").click()
    expect(page.get_by_role("button", name="Stop the run")).to_be_visible(timeout=LONG)
    page.reload(timeout=LONG)
    expect(page.get_by_text(re.compile("is complete. Choose it above"))).to_be_visible(timeout=LONG)
    assert shown in headcount(page), "the page stays with its run and levers, though another run is newer"
    browser.screenshot(page, "complete")
    stopped, folder = sorted((output / ".what-if").iterdir())
    assert not (output / stopped.name / "results").exists()
    run = RunDirectory(output / folder.name)
    assert read_record(run).scenario_ids == ["base", "what-if"]
    with published(run.results) as connection:
        rows = connection.view("fct_year_summary").pl()
    with published(output / "done" / "results") as connection:
        before = connection.view("fct_year_summary").pl()
    mine, its = (figures(side.filter(pl.col("scenario_id") == "base")) for side in (rows, before))
    assert mine.equals(its), "the baseline is that of the run from which the what-if began"
    grown = figures(rows.filter(scenario_id="what-if", replicate=1))
    assert shown.startswith(f"{grown['headcount'][-1]} ")
