"""The report: its figures, that it loads nothing from a network, and that text is escaped."""

import dataclasses
import re
import subprocess
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tasks.results.actuals import add_months_by_basis
from tasks.results.report.charts import PALETTE, charts_of, svg
from tasks.results.report.computed import with_remark
from tasks.results.report.figures import FIGURES, LEAVER_COLUMNS, Figure, tables
from tasks.results.report.html import shown
from tasks.results.report.page import sections
from tasks.results.report.sentences import sentences
from tasks.results.report.table import Table
from tasks.results.report.write import write_report
from tasks.runs.calendar import register_fiscal_years
from tasks.runs.record import read_record
from tasks.studies.compare import compare
from tasks.text.events import EVENT_KINDS, OUTCOMES
from tasks.warehouse.published import published
from tests.awkward import MARKUP
from tests.simulate import Finished


class Parsed(HTMLParser):
    """Elements, addresses and table cells of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.addresses: list[str] = []
        self.ids: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        values = dict(attrs)
        self.addresses += [
            value for name in ("src", "href", "xlink:href", "data") if (value := values.get(name))
        ]
        if tag == "section" and values.get("id"):
            self.ids.append(str(values["id"]))


@pytest.fixture(scope="module")
def found(finished: Finished) -> dict[str, Table]:
    return _tables(finished)


@pytest.fixture(scope="module")
def rich_found(rich: Finished) -> dict[str, Table]:
    return _tables(rich)


def _tables(finished: Finished) -> dict[str, Table]:
    directory = finished.run.directory
    with published(directory.results) as connection:
        return {table.key: table for table in tables(connection, read_record(directory))}


def test_the_run_writes_a_page_that_loads_nothing(finished: Finished) -> None:
    text = finished.run.directory.report.read_text(encoding="utf-8")
    assert len(text.encode()) < 3_000_000
    page = Parsed(text)
    assert page.elements.count("svg") >= 15
    assert "script" not in page.elements
    assert not [address for address in page.addresses if not address.startswith("#")]
    assert not re.search(r"url\(\s*['\"]?(?!#)", text), "no style or chart loads anything"
    assert MARKUP not in text
    assert page.ids == [
        "overview",
        "differences",
        "cost_differences",
        "attribution",
        "overrides",
        "headcount",
        "payroll",
        "cost",
        "spread",
        "levels",
        "causes",
        "turnover",
        "promotions",
        "cohorts",
        "dimensions",
        "breakdown",
        "months",
        "checks",
        "provenance",
        "settings",
    ]


def test_the_page_begins_with_the_summary_and_the_scenarios(
    finished: Finished, found: dict[str, Table]
) -> None:
    """Before the contents: five sentences. Months and settings are folded on the screen, open in print."""
    text = finished.run.directory.report.read_text(encoding="utf-8")
    top = unescape(text.partition("<nav")[0])
    record = read_record(finished.run.directory)
    said = [sentence.text for sentence in sentences(list(found.values()), record)]
    assert len(said) == 5 and all(sentence in top for sentence in said)
    assert text.index('id="overview"') < text.index('id="differences"') < text.index('id="headcount"')
    sections = dict(re.findall(r'<section id="(\w+)">(.*?)</section>', text, re.DOTALL))
    for key in ("months", "settings"):
        assert "<details>" in sections[key] and "<details open" not in sections[key]
    for key in ("overview", "differences", "headcount", "checks"):
        assert "<details>" not in sections[key]
    printed = text.partition("@media print")[2].partition("</style>")[0]
    assert "details::details-content { content-visibility: visible" in printed


def test_one_scenario_has_no_comparisons(finished: Finished) -> None:
    directory = finished.run.directory
    record = read_record(directory)
    compared = ("differences", "cost_differences", "attribution", "overrides", "breakdown")
    with published(directory.results) as connection:
        both = tables(connection, record, (*compared, "headcount"), directory)
        alone = tables(
            connection, record.of_scenarios(record.scenario_ids[:1]), (*compared, "headcount"), directory
        )
    assert [table.key for table in both] == [*compared[:4], "headcount", "breakdown"]
    assert [table.key for table in alone] == ["headcount"]


@pytest.mark.slow
@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.key)
def test_each_query_has_the_columns_of_its_table(
    figure: Figure,
    rich: Finished,
    results: duckdb.DuckDBPyConnection,
    rich_results: duckdb.DuckDBPyConnection,
) -> None:
    register_fiscal_years(rich_results, read_record(rich.run.directory))
    add_months_by_basis(rich_results)
    table = figure.table(results if figure.key == "spread" else rich_results)
    without_column = {"figure_key", "average_headcount"}
    assert set(table.rows[0]) - without_column == {column.key for column in figure.columns}
    assert {column.key for column in figure.columns if not column.optional and not column.same_as} <= {
        column.key for column in table.columns
    }


def test_bridges_lead_from_opening_to_closing(found: dict[str, Table]) -> None:
    for row in found["headcount"].rows:
        leavers = row["experienced_leavers"] + row["new_hire_leavers"] + row["reductions"]
        assert row["opening"] + row["hires"] - leavers == pytest.approx(row["closing"], abs=1e-6)
    for row in found["payroll"].rows:
        steps = sum(row[name] for name in ("opening", *(kind.event_type for kind in EVENT_KINDS)))
        assert steps == pytest.approx(row["closing"], abs=0.01)


@pytest.mark.slow
def test_bridges_have_every_step(rich_found: dict[str, Table]) -> None:
    test_bridges_lead_from_opening_to_closing(rich_found)
    for key in ("segments", "dimensions"):
        for row in rich_found[key].rows:
            leavers = row.get("leavers") or sum(row.get(column.key, 0) for column in LEAVER_COLUMNS)
            moves = row["transfers_in"] - row["transfers_out"]
            assert row["opening"] + row["hires"] + moves - leavers == pytest.approx(row["closing"], abs=1e-6)


@pytest.mark.slow
def test_every_kind_of_event_has_its_words(rich: Finished) -> None:
    assert set(rich.events["event_type"]) <= {kind.event_type for kind in EVENT_KINDS}
    assert {"transfer", "raise", "fte", "promotion"} <= set(rich.events["event_type"])


@pytest.mark.slow
def test_a_turnover_that_a_segment_sets_itself_is_said_to_differ_from_the_hazards(
    found: dict[str, Table], rich_found: dict[str, Table]
) -> None:
    said = "Segments with a termination_rate of their own"
    assert said in rich_found["turnover"].note
    assert said not in found["turnover"].note


@pytest.mark.slow
def test_segments_add_up_to_all(rich_found: dict[str, Table]) -> None:
    whole = {(row["scenario_id"], row["simulation_year"]): row for row in rich_found["headcount"].rows}
    rows = rich_found["segments"].rows
    assert {row["scenario_id"] for row in rows} == {"exact", "drawn"}, "the other one has no targets"
    for scenario, year in {(row["scenario_id"], row["simulation_year"]) for row in rows}:
        parts = [row for row in rows if (row["scenario_id"], row["simulation_year"]) == (scenario, year)]
        assert len(parts) == 3
        for name in ("opening", "hires", "experienced_leavers", "new_hire_leavers", "reductions", "closing"):
            assert sum(row[name] for row in parts) == pytest.approx(whole[scenario, year][name])
        assert sum(row["transfers_in"] - row["transfers_out"] for row in parts) == 0
    assert any(row["transfers_in"] for row in rows)
    exact = [row for row in rows if row["scenario_id"] == "exact"]
    on_target = [row for row in exact if row["segment"] != "department=Sales"]
    assert on_target and all(row["closing"] == row["target"] for row in on_target)
    assert all(row["off_target"] == row["closing"] - row["target"] for row in rows), "known hires exceed it"


@pytest.mark.slow
def test_known_actions_are_counted_and_those_not_done_listed(rich_found: dict[str, Table]) -> None:
    rows = rich_found["actions"].rows
    for row in rows:
        assert row["planned"] == sum(row[outcome] for outcome in OUTCOMES)
    assert sum(row["planned"] for row in rows if row["scenario_id"] == "rates") == 11
    undone = {
        row["action_id"]: row["reason"] for row in rich_found["undone"].rows if row["scenario_id"] == "rates"
    }
    assert undone["never"] == "not drawn" and "comes" not in undone


@pytest.mark.slow
def test_known_actions_outside_the_years_are_shown_under_the_year_of_their_date(
    rich_found: dict[str, Table],
) -> None:
    counts = {
        row["simulation_year"]: (row["planned"], row["outside_years"])
        for row in rich_found["actions"].rows
        if row["scenario_id"] == "exact" and row["action"] == "raise"
    }
    assert counts == {2020: (1, 1), 2027: (2, 0), 2031: (1, 1)}
    for row in rich_found["undone"].rows:
        assert row["simulation_year"] == row["action_date"].year
    assert {row["action_id"] for row in rich_found["undone"].rows} >= {"past", "beyond"}


@pytest.mark.slow
def test_fte_and_transfers_are_shown_only_where_they_say_something(
    found: dict[str, Table], rich_found: dict[str, Table]
) -> None:
    expected = {"headcount": 4, "levels": 2, "dimensions": 3, "months": 3}

    def count(table: Table) -> int:
        return sum("fte" in column.key or "transfers" in column.key for column in table.columns)

    assert {key: count(rich_found[key]) for key in expected} == expected
    assert not any(count(found[key]) for key in (*expected, "differences"))
    assert found.keys().isdisjoint({"segments", "actions", "undone"})


def test_one_closing_is_the_next_opening(found: dict[str, Table]) -> None:
    for key, name in (("headcount", "closing"), ("payroll", "closing")):
        rows = {(row["scenario_id"], row["simulation_year"]): row for row in found[key].rows}
        for (scenario, year), row in rows.items():
            if (scenario, year - 1) in rows:
                assert row["opening"] == pytest.approx(rows[scenario, year - 1][name])


def test_turnover_counts_every_experienced_leaver(finished: Finished, found: dict[str, Table]) -> None:
    rows = [row for row in found["turnover"].rows if row["scenario_id"] == "base"]
    summary = finished.summary.filter(scenario_id="base")
    attributes = list(dict.fromkeys(row["attribute"] for row in rows))
    assert attributes == ["total", "age", "tenure", "level", "department", "location"]
    for attribute in attributes:
        of_attribute = [row for row in rows if row["attribute"] == attribute]
        assert sum(row["exposed"] for row in of_attribute) == summary["opening_headcount"].sum()
        for column in ("leavers", "expected"):  # mode exact: scaled to the leavers
            leavers = sum(row[column] for row in of_attribute)
            assert leavers == pytest.approx(summary["experienced_terminations"].sum())
        for row in of_attribute:
            assert row["observed"] == pytest.approx(row["leavers"] / row["exposed"])
            assert row["by_hazard"] == pytest.approx(row["expected"] / row["exposed"])


def test_turnover_of_mode_expected_has_the_target_as_its_assumption(
    finished: Finished, found: dict[str, Table]
) -> None:
    (row,) = [
        row for row in found["turnover"].rows if (row["scenario_id"], row["attribute"]) == ("drawn", "total")
    ]
    assert row["by_hazard"] == pytest.approx(0.3, abs=1e-6)
    assert row["ratio"] == pytest.approx(row["observed"] / 0.3, abs=1e-5)


@pytest.mark.slow
def test_causes_add_up_to_the_leavers(rich: Finished) -> None:
    with published(rich.run.directory.results) as connection:
        (causes,) = tables(connection, read_record(rich.run.directory), ["causes"])
    of_year: dict[tuple[str, int], list[Any]] = {}
    for row in causes.rows:
        of_year.setdefault((row["scenario_id"], row["simulation_year"]), []).append(row)
    assert len(of_year) == rich.summary.height == 6
    for year in rich.summary.iter_rows(named=True):
        rows = of_year[year["scenario_id"], year["simulation_year"]]
        for ours, theirs in (
            ("experienced_leavers", "experienced_terminations"),
            ("new_hire_leavers", "new_hire_terminations"),
            ("reductions", "reductions"),
        ):
            assert sum(row[ours] for row in rows) == year[theirs]
    named = {row["cause"] for row in causes.rows}
    assert named == {"voluntary", "retirement", "health", "reduction in force"}


def test_figures_are_those_of_the_run(finished: Finished, found: dict[str, Table]) -> None:
    cost = {(row["scenario_id"], row["simulation_year"]): row for row in found["cost"].rows}
    for row in found["payroll"].rows:
        same = cost[row["scenario_id"], row["simulation_year"]]
        assert same["salary"] == pytest.approx(row["paid"], abs=0.01)
    months = [row for row in found["months"].rows if row["scenario_id"] == "cut"]
    assert len(months) == 24
    assert sum(row["loaded_cost"] for row in months) == pytest.approx(
        sum(row["loaded_cost"] for (scenario, _), row in cost.items() if scenario == "cut"), abs=0.01
    )
    cohorts = [
        row
        for row in found["cohorts"].rows
        if row["scenario_id"] == "base" and row["simulation_year"] == 2028
    ]
    closing = next(
        row
        for row in found["headcount"].rows
        if (row["scenario_id"], row["simulation_year"]) == ("base", 2028)
    )
    assert sum(row["employed"] for row in cohorts) == closing["closing"]
    (difference,) = [
        row
        for row in found["differences"].rows
        if (row["scenario_id"], row["simulation_year"]) == ("cut", 2028)
    ]
    assert difference["against"] == "base"
    mean = finished.summary.filter(simulation_year=2028).group_by("scenario_id").mean()
    by_id = dict(zip(mean["scenario_id"], mean["ending_headcount"], strict=True))
    assert difference["headcount_difference"] == pytest.approx(by_id["cut"] - by_id["base"])


def test_differences_have_paired_standard_errors(finished: Finished, found: dict[str, Table]) -> None:
    paid = finished.summary.filter(simulation_year=2028).pivot(
        "scenario_id", index="replicate", values="prorated_payroll"
    )
    errors = (paid["cut"] - paid["base"]).cast(float)
    (row,) = [
        row
        for row in found["differences"].rows
        if (row["scenario_id"], row["simulation_year"]) == ("cut", 2028)
    ]
    assert row["paid_error"] == pytest.approx(errors.std() / len(errors) ** 0.5)


def test_settings_that_differ_are_listed_with_both_values(
    finished: Finished, found: dict[str, Table]
) -> None:
    rows = found["overrides"].rows
    assert {row["scenario_id"] for row in rows} == {
        entry.id
        for entry in read_record(finished.run.directory).scenarios
        if entry.id != "base" and entry.overrides
    }
    assert rows and all(row["baseline"] != row["in_scenario"] for row in rows)


def test_differences_have_every_figure_that_compare_shows(
    finished: Finished, found: dict[str, Table], results: duckdb.DuckDBPyConnection
) -> None:
    rows = compare(results, "base").filter(breakdown="total", scenario_id="cut", simulation_year=2028)
    expected = {row["figure"]: row["difference"] for row in rows.iter_rows(named=True)}
    (row,) = [
        row
        for row in found["differences"].rows
        if (row["scenario_id"], row["simulation_year"]) == ("cut", 2028)
    ]
    assert row["hires_difference"] == pytest.approx(expected["hires"])
    assert row["turnover_difference"] == pytest.approx(100 * expected["turnover"])
    assert row["average_pay_difference"] == pytest.approx(expected["average_pay"])


def test_items_of_a_breakdown_add_up_to_the_difference_of_all(found: dict[str, Table]) -> None:
    (whole,) = [
        row
        for row in found["differences"].rows
        if (row["scenario_id"], row["simulation_year"]) == ("cut", 2028)
    ]
    rows = [row for row in found["breakdown"].rows if row["scenario_id"] == "cut"]
    assert {row["breakdown"] for row in rows} == {"Level", "Department", "Location"}
    for by in ("Level", "Department", "Location"):
        of_items = [row for row in rows if row["breakdown"] == by]
        for figure in ("headcount", "payroll", "hires", "loaded_cost"):
            key = f"{figure}_difference"
            assert sum(row[key] for row in of_items) == pytest.approx(whole[key], abs=0.01)
        sizes = sum(row["headcount"] - row["baseline_headcount"] for row in of_items)
        assert sizes == pytest.approx(whole["headcount_difference"], abs=0.01)
    captions = [caption for caption, _ in charts_of(found["breakdown"])]
    assert captions == list(dict.fromkeys(row["scenario_id"] for row in found["breakdown"].rows))


def test_differences_have_one_legend(found: dict[str, Table]) -> None:
    """Colours and dashes share a legend: each scenario's name is in it once."""
    ((_, chart),) = charts_of(found["differences"])
    assert svg(chart).count(">cut</text>") == 1


def test_the_report_states_which_figures_vary_over_replicates(
    finished: Finished, results: duckdb.DuckDBPyConnection
) -> None:
    record = read_record(finished.run.directory).of_scenarios(["base"])
    (spread,) = tables(results, record, ["spread"])
    exact = dataclasses.replace(
        spread, rows=tuple(row for row in spread.rows if row["scenario_id"] == "base"), note="Percentiles."
    )
    assert with_remark(exact, record).note == (
        "Percentiles. Replicates differ by chance per person only; the assumptions are taken as certain. "
        "Spread: Closing payroll, loaded cost, paid in the year and promotions. No spread: Closing "
        "headcount (targets, met exactly in mode exact: the draws decide who, not how many)."
    )
    ((_, fan),) = charts_of(exact)
    assert len(fan["concat"]) == 4, "a fan of each figure that varies"


def test_years_with_equal_check_results_are_one_row(finished: Finished, found: dict[str, Table]) -> None:
    rows = [row for row in found["checks"].rows if row["check_name"] == "headcount_identity"]
    assert [(row["years"], row["status"]) for row in rows] == [("2027, 2028", "pass")]


def test_every_grey_of_the_charts_follows_a_dark_page(finished: Finished) -> None:
    text = finished.run.directory.report.read_text(encoding="utf-8")
    drawn = set(re.findall(r'(?:fill|stroke)="(#\w+)"', text.partition("<main>")[2]))
    on_both = {*PALETTE, "#888"}
    dark = text.partition("prefers-color-scheme: dark")[2].partition("</style>")[0]
    assert {colour for colour in drawn - on_both if f'"{colour}"' not in dark} == set()


def test_charts_of_many_scenarios_are_few(found: dict[str, Table]) -> None:
    levels = found["levels"]
    rows = tuple({**row, "scenario_id": f"s{number:02}"} for number in range(9) for row in levels.rows)
    (section,) = sections([dataclasses.replace(levels, rows=rows)])
    assert [caption for caption, _ in section.charts] == [f"s{number:02}" for number in range(6)]
    assert section.remark == "Charts are drawn for the first 6 of 9 scenarios."


def test_it_shows_the_opening_headcount_of_the_first_year(
    finished: Finished, found: dict[str, Table]
) -> None:
    record = read_record(finished.run.directory)
    opening = found["headcount"].rows[0]["opening"]
    assert opening < record.census.employees, "the census has leavers of the year before"
    text = finished.run.directory.report.read_text(encoding="utf-8")
    assert re.search(rf"\b{opening:.0f} employees; 4\s+scenarios", text)
    facts = {row["fact"]: row["value"] for row in found["provenance"].rows}
    assert f", {opening:.0f} employees, " in facts["Census"]


def test_mean_counts_have_one_decimal_and_amounts_none(found: dict[str, Table]) -> None:
    for key in ("differences", "breakdown", "levels", "spread"):
        for column, *values in zip(found[key].columns, *found[key].cells, strict=True):
            texts = [shown(value, column.kind) for value in values]
            if column.kind in ("count", "figure"):
                assert all(re.fullmatch(r"-?[\d,]+(\.\d)?|–", text) for text in texts), (key, texts)
    headings = {column.label: column.kind for column in found["breakdown"].columns}
    assert [headings[name] for name in ("Headcount", "Closing headcount", "Hires")] == ["count"] * 3
    assert headings["± headcount"] == "number", "an error below 0.05 is not 0"
    assert shown(-76.99999999999999, "count") == "-77"
    assert shown(80_193_836.95, "figure") == "80,193,837"
    assert shown(14.35, "figure") == "14.3"


def test_months_are_not_wrapped(finished: Finished) -> None:
    text = finished.run.directory.report.read_text(encoding="utf-8")
    assert "td.when { white-space: nowrap; }" in text
    assert '<td class="when">2027-01</td>' in text


def test_changed_settings_come_first(found: dict[str, Table]) -> None:
    rows = found["settings"].rows
    changed = {row["setting"] for row in rows if row["origin"] == "changed"}
    assert changed >= {"cost.severance.amount", "cost.recruiting.rate", "simulation.start_year"}
    assert [row["origin"] for row in rows] == sorted(row["origin"] for row in rows)
    assert not [row for row in rows if row["setting"].startswith("alerts.")]


@pytest.mark.slow
def test_a_run_without_a_dimension_or_a_second_replicate(tmp_path: Path) -> None:
    from tasks.census.sample import sample_census
    from tests.simulate import simulate

    census = sample_census(12).drop("department", "location")
    single = simulate(tmp_path, census, years="2025-2025")
    page = Parsed(single.run.directory.report.read_text(encoding="utf-8"))
    assert {"headcount", "cost", "checks"} <= set(page.ids)
    assert not {"dimensions", "spread", "differences", "breakdown"} & set(page.ids)


def test_the_pdf_has_pages_and_text(finished: Finished, tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    write_report(finished.run.directory, path)
    content = path.read_bytes()
    assert content.startswith(b"%PDF-")
    assert 1 < len(re.findall(rb"/Type\s*/Page\b", content)) < 60


@pytest.mark.slow
def test_a_browser_shows_it_without_errors(finished: Finished, tmp_path: Path) -> None:
    """Chromium with no network loads the page, draws all charts and logs nothing on its console."""
    shot = tmp_path / "report.png"
    done = subprocess.run(
        [
            *("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
            *("--enable-logging=stderr", "--host-resolver-rules=MAP * ~NOTFOUND", "--window-size=1000,4000"),
            *(f"--user-data-dir={tmp_path / 'profile'}", f"--screenshot={shot}"),
            finished.run.directory.report.resolve().as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert shot.stat().st_size > 50_000
    assert "CONSOLE" not in done.stderr
