"""The distribution's Chromium, driven by Playwright: what a visitor sees, and what the console logs."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import psutil
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect, sync_playwright

from tasks.system.project import ROOT

FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
CHARTS = "[data-testid=stVegaLiteChart] canvas, [data-testid=stVegaLiteChart] svg"
SECONDS = 1000  # Playwright counts in milliseconds

expect.set_options(timeout=30 * SECONDS)


@dataclass
class Browser:
    """Opens pages; keeps their errors and warnings, and screenshots."""

    chromium: Chromium
    folder: Path
    complaints: list[str] = field(default_factory=list)

    def page(self, *, width: int = 1400, scheme: Literal["light", "dark"] = "light") -> Page:
        """Open a page as a new visitor."""
        context = self.chromium.new_context(
            viewport={"width": width, "height": 1000}, color_scheme=scheme, accept_downloads=True
        )
        page = context.new_page()
        page.on(
            "console",
            lambda entry: self.complaints.append(entry.text) if entry.type in ("error", "warning") else None,
        )
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._see)
        return page

    def screenshot(self, page: Page, name: str) -> Path:
        """Save a screenshot of the full page."""
        self.folder.mkdir(parents=True, exist_ok=True)
        size = page.viewport_size or {"width": 1400, "height": 1000}
        height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
        page.set_viewport_size({"width": size["width"], "height": min(int(height) + 20, 6000)})
        page.wait_for_timeout(500)
        path = self.folder / f"{name}.png"
        page.screenshot(path=path)
        page.set_viewport_size(size)
        return path

    def _see(self, request: object) -> None:
        url = str(getattr(request, "url", ""))
        if not url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")):
            self.complaints.append(f"request to another machine: {url}")


def dashboard_command(output: Path, *flags: str) -> list[str]:
    """Return the command that serves a directory of runs on any free port."""
    return [
        *(sys.executable, "-m", "flows.cli.main", "dashboard"),
        *("--output", str(output), "--port", "0", *flags),
    ]


@contextmanager
def serving(output: Path) -> Iterator[tuple[str, psutil.Process]]:
    """Serve a directory of runs; gives the address and the server's process."""
    with subprocess.Popen(dashboard_command(output), cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            yield server.stdout.readline().split()[3], psutil.Process(server.pid)
        finally:
            server.terminate()
            server.wait(30)  # while its standard output is still read


@contextmanager
def chromium(folder: Path) -> Iterator[Browser]:
    """Start it with a new, empty profile."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path="/usr/bin/chromium", headless=True, args=FLAGS)
        try:
            yield Browser(started, folder)
        finally:
            started.close()


def settled(page: Page) -> None:
    """Wait until Streamlit has run the page."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=30 * SECONDS)
