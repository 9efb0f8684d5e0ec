"""Both pages in Chromium without a network: nothing is logged, and charts answer the pointer."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from settings import Settings
from tasks.evidence.backtest.origins import backtest
from tasks.evidence.estimate.fit import fit
from tasks.evidence.report.backtest_page import write_backtest_page
from tasks.evidence.report.fit_page import write_fit_page
from tests.evidence.companies import company, with_levels

pytestmark = pytest.mark.slow

FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")


@pytest.fixture(scope="module")
def paths(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    history = with_levels(company(51, people=400, windows=4), 4).history
    folder = tmp_path_factory.mktemp("pages")
    write_fit_page(fit(history, settings), settings, folder / "fit.html")
    write_backtest_page(backtest(history, settings, horizon=2, by=["department"]), folder / "backtest.html")
    return sorted(folder.iterdir())


@pytest.fixture(scope="module")
def complaints() -> list[str]:
    return []


@pytest.fixture(scope="module")
def tab(complaints: list[str]) -> Iterator[Page]:
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path="/usr/bin/chromium", args=list(FLAGS))
        page = browser.new_context(offline=True).new_page()
        page.on("console", lambda entry: complaints.append(entry.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "request",
            lambda request: None if request.url.startswith("file:") else complaints.append(request.url),
        )
        yield page
        browser.close()


def test_pages_are_shown_without_errors_at_any_width(
    paths: list[Path], tab: Page, complaints: list[str]
) -> None:
    for path in paths:
        for width in (1280, 390):
            tab.set_viewport_size({"width": width, "height": 900})
            tab.goto(path.as_uri())
            assert tab.locator("figure svg").count() >= 7
            assert (
                tab.evaluate("document.documentElement.scrollWidth") <= width
            )  # only charts and tables scroll
    assert complaints == []


def test_the_mark_under_the_pointer_says_what_it_shows(paths: list[Path], tab: Page) -> None:
    tab.set_viewport_size({"width": 1280, "height": 900})
    for path in paths:
        tab.goto(path.as_uri())
        mark = tab.locator("figure path[role=graphics-symbol]").first
        mark.scroll_into_view_if_needed()
        mark.hover()
        box = mark.bounding_box()
        assert box is not None
        said = tab.evaluate(
            "([x, y]) => document.elementFromPoint(x, y)?.querySelector('title')?.textContent",
            [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2],
        )
        assert ": " in said


def test_a_printed_page_has_its_folded_tables(paths: list[Path], tab: Page) -> None:
    for path in paths:
        tab.goto(path.as_uri())
        tab.emulate_media(media="print")
        cell = tab.locator("details td").first
        assert cell.is_visible()
        assert not tab.locator("nav").is_visible()
        tab.emulate_media(media="screen")
        assert not cell.is_visible()
