"""The files of a fit: settings that load unchanged, the uncertainty that they name, and the page.

The settings hold what was estimated, each value with a comment that says from what, and what the settings
before the fit set themselves: columns, dimensions, scenarios' ground. What history cannot show keeps its
value.
"""

import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from settings import InputError, ResolvedSettings, SettingsError, load_settings, settings_document
from settings.loading.catalog import in_defaults, is_section, key_path
from settings.loading.document import leaves
from settings.loading.loader import default_settings
from settings.loading.yaml_tree import KeyPath
from settings.models.calendar import ONE_DAY
from settings.models.shaping import MODEL_SECTIONS
from tasks.census.columns import OPTIONAL, REQUIRED
from tasks.evidence.estimate.commented import REMOVED, Entry, as_yaml, without_removed
from tasks.evidence.estimate.fit import Fitted
from tasks.evidence.estimate.in_force import bands_in_force
from tasks.evidence.estimate.settings_entries import entries, overlapping_pay
from tasks.evidence.estimate.uncertainty_file import uncertainty_of
from tasks.evidence.own_files import check_own_files
from tasks.evidence.report.fit_page import write_fit_page
from tasks.history.estimable import cannot_estimate
from tasks.system.files import private_files

#: With fewer days left, the newest list is taken for that of the fiscal year's last day.
SHORTEST_STUB = timedelta(days=15)
HEAD = "# Settings estimated from history by `workforce fit`."
#: Sections whose settings are kept from those in force before the fit.
KEPT_SECTIONS = (*MODEL_SECTIONS, "census")
PATHS = ("census.path", "plan.actions")
#: Estimated anew, or of the history itself.
DROPPED = ("simulation.uncertainty",)


@dataclass(frozen=True)
class FitFiles:
    """Where a fit is written."""

    settings: Path

    @property
    def uncertainty(self) -> Path:
        """The covariance and the year effects, which the settings name."""
        return self.settings.with_suffix(".uncertainty.json")

    @property
    def page(self) -> Path:
        """The page with actual against expected."""
        return self.settings.with_suffix(".html")

    def check(self) -> None:
        """Raise InputError if a file cannot be written, or holds something other than a fit."""
        target = self.settings
        if target.suffix not in (".yaml", ".yml"):
            raise InputError(f"--out {target}: a name that ends with .yaml is expected")
        check_own_files(
            target, (self.uncertainty, self.page), flag="--out", begins=HEAD, command="workforce fit"
        )


def write_fit(fitted: Fitted, resolved: ResolvedSettings, files: FitFiles) -> None:
    """Write settings, uncertainty and page, all of them or none.

    `resolved` are the settings in force before the fit. Raises InputError if the estimates do not go together
    with what these set, such as rates by year for other years.
    """
    folder = files.settings.absolute().parent
    folder.mkdir(parents=True, exist_ok=True)
    with private_files(), tempfile.TemporaryDirectory(dir=folder, prefix=".workforce-fit-") as scratch:
        ready = FitFiles(Path(scratch, files.settings.name))
        ready.uncertainty.write_text(uncertainty_of(fitted).as_json(), "utf-8")
        ready.settings.write_text(settings_text(fitted, resolved, files), "utf-8")
        try:
            load_settings(ready.settings, environ={})
        except SettingsError as error:
            problems = str(error).replace(str(ready.settings), str(files.settings))
            raise InputError(
                "what was estimated and the settings given do not go together; nothing was written.\n"
                + problems
            ) from None
        write_fit_page(fitted, resolved.base, ready.page, missing=not_estimated(fitted, resolved))
        for name in ("uncertainty", "page", "settings"):  # the settings last: they name the others
            getattr(ready, name).replace(getattr(files, name))


def settings_text(fitted: Fitted, resolved: ResolvedSettings, files: FitFiles) -> str:
    """Return the settings as YAML."""
    every = [
        *_years(fitted, resolved),
        *_kept(resolved, files.settings.absolute().parent),
        *entries(fitted, resolved.base, files.uncertainty.name),
    ]
    in_force = list(without_removed(every, partial(_in_defaults, fitted)))
    return "\n".join([*_head(fitted, resolved), ""]) + as_yaml(in_force)


def _in_defaults(fitted: Fitted, path: KeyPath) -> bool:
    """Return whether the defaults have an entry, and the file does not replace the bands that it names."""
    before = bands_in_force(default_settings())
    for name, bounds in fitted.terminations.bands.items():
        if path[-3:-1] == ("factors", name) and list(bounds) != before[name]:
            return False
    return in_defaults(path)


def not_estimated(fitted: Fitted, resolved: ResolvedSettings) -> list[tuple[str, str]]:
    """Return what keeps its value, and why: a pair for each."""
    missing = list(cannot_estimate(fitted.history))
    overlap = overlapping_pay(fitted, resolved.base)
    if overlap:
        missing.append(("pay range of levels", overlap))
    if fitted.promotion is None and "level" in fitted.history.columns:
        missing.append(("promotion", "too few people rose by a level"))
    if fitted.transfer is None and fitted.history.dimensions:
        missing.append(("transfer", f"too few people changed {fitted.transfer_by}"))
    return missing


def _head(fitted: Fitted, resolved: ResolvedSettings) -> Iterator[str]:
    history = fitted.history
    yield HEAD
    yield (
        f"# {len(history.dates)} lists, {history.dates[0]} to {fitted.until}; "
        f"history {history.sha256[:12]}. Simulate: workforce run --config THIS_FILE --census NEWEST_LIST"
    )
    yield "# A comment `history: …` says what a value rests on; `90 % interval` is that of the estimate."
    for what, why in not_estimated(fitted, resolved):
        yield f"# Not estimated: {what}: {' '.join(why.split())}"


def _years(fitted: Fitted, resolved: ResolvedSettings) -> Iterator[Entry]:
    """Yield the years after the newest list, as many as before, and its date where it is within a year.

    Years that were given stay.
    """
    if _are_given(resolved):
        return
    simulation, opening = resolved.base.simulation, opening_of(fitted, resolved)
    start = simulation.calendar.year_of(opening + ONE_DAY)
    is_whole = simulation.calendar.first_day(start) == opening + ONE_DAY
    gap = "" if opening == fitted.until else f"; the newest list is of {fitted.until}"
    what = "the year after the newest list" if is_whole else "the year that has the newest list"
    yield Entry(("simulation", "start_year"), start, f"{what}{gap}")
    yield Entry(("simulation", "end_year"), start + simulation.end_year - simulation.start_year)
    if not is_whole:
        yield Entry(("simulation", "opening_date"), opening.isoformat(), "the date of the newest list")


def opening_of(fitted: Fitted, resolved: ResolvedSettings) -> date:
    """Return the opening date of the settings that a fit writes: the newest list's unless years were given.

    Shortly before the end of a fiscal year it is the year's last day: a first year of a few days says
    nothing.
    """
    calendar = resolved.base.simulation.calendar
    if _are_given(resolved):
        return calendar.opening_date
    last = calendar.last_day(calendar.year_of(fitted.until))
    return last if last - fitted.until <= SHORTEST_STUB else fitted.until


def _are_given(resolved: ResolvedSettings) -> bool:
    """Return whether the settings before the fit set the years or the opening date."""
    names = ("start_year", "end_year", "opening_date")
    return any(resolved.provenance[f"simulation.{name}"].layer != "default" for name in names)


def _kept(resolved: ResolvedSettings, folder: Path) -> Iterator[Entry]:
    """Yield what the settings before the fit set themselves, and the entries that they removed."""
    document = settings_document(resolved.base)
    for key, value in leaves(document).items():
        layer = resolved.provenance[key].layer
        if layer == "default" or key.split(".")[0] not in KEPT_SECTIONS or key in DROPPED:
            continue
        shown = os.path.relpath(value, folder) if key in PATHS and value and "://" not in value else value
        yield Entry(key_path(key), shown, "as before the fit")
    # the lists' own names of columns, so that the newest list can be read as a census
    for ours, theirs in resolved.base.history.columns.items():
        if ours in (*REQUIRED, *OPTIONAL, *resolved.base.census.dimensions):
            yield Entry(("census", "columns", ours), theirs, "as in history.columns")
    yield from _removed(settings_document(default_settings()), document)


def _removed(default: Mapping[str, Any], document: Mapping[str, Any], path: KeyPath = ()) -> Iterator[Entry]:
    """Yield the entries of the defaults that the settings lack."""
    for name, value in default.items():
        if name not in document:
            yield Entry((*path, name), REMOVED, "removed before the fit")
        elif isinstance(value, Mapping) and isinstance(document[name], Mapping) and is_section((*path, name)):
            yield from _removed(value, document[name], (*path, name))
