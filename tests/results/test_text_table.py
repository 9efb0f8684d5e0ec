"""Tables of the command line: complete at any width."""

import io
from collections import Counter
from collections.abc import Sequence

import pytest
from rich.console import Console

from tasks.text.tables import TextTable

NAMES = ("baseline", "growth", "hiring_freeze", "reduction", "pay_squeeze", "[red]retention[/red]")
FIGURES = ("Opening", "Hires", "Leavers", "Promoted", "Closing", "Growth", "Payroll")


def rendered(table: TextTable, width: int) -> list[str]:
    """The lines of a table on a terminal of a width."""
    console = Console(file=io.StringIO(), width=width)
    console.print(table)
    return console.file.getvalue().splitlines()  # type: ignore[attr-defined]


def years(names: Sequence[str] = NAMES) -> TextTable:
    """Return a table as `workforce show` prints it, in which every figure is unique."""
    table = TextTable("Workforce by year, payroll in millions, means over 20 replicates")
    table.add_column("Scenario", "group")
    table.add_column("Year", "key")
    for heading in FIGURES:
        table.add_column(heading, "number")
    for number, name in enumerate(names):
        for year in (2025, 2026):
            table.add_row(name, str(year), *(f"{year % 100}{number}{column},12" for column in range(7)))
        table.add_section()
    return table


@pytest.mark.parametrize("width", [20, 40, 60, 79, 80, 100, 200, 100_000])
def test_every_figure_is_shown_at_any_width(width: int) -> None:
    lines = rendered(years(), width)
    words = Counter(" ".join(lines).split())
    assert max(map(len, lines)) <= width
    assert not any("…" in line for line in lines)
    figures = [word for word in words if word.endswith(",12")]
    assert len(figures) == 6 * 2 * 7 and all(words[figure] == 1 for figure in figures)
    assert all("".join(lines).replace(" ", "").count(name) >= 1 for name in NAMES)


def test_a_row_is_one_line_if_the_terminal_is_wide_enough() -> None:
    lines = rendered(years(), 200)
    assert lines[2].split() == ["Scenario", "Year", *FIGURES]
    assert lines[4].split()[:2] == ["baseline", "2025"]
    assert len([line for line in lines if line.split()]) == 3 + 12


def test_on_eighty_columns_scenarios_become_headings() -> None:
    lines = rendered(years(["a_scenario_of_a_long_name", "another"]), 80)
    assert lines[2].split() == ["Year", *FIGURES], "one heading for all"
    assert lines[4].strip() == "a_scenario_of_a_long_name" and lines[5].split()[0] == "2025"


def test_stacked_blocks_repeat_the_keys_and_are_about_even() -> None:
    headings = [line.split() for line in rendered(years(["one"]), 50) if "Year" in line]
    assert headings == [["Year", *FIGURES[:4]], ["Year", *FIGURES[4:]]]


def test_prose_is_wrapped_between_words_and_figures_are_not() -> None:
    table = TextTable()
    table.add_column("Id", "key")
    table.add_column("Why", "prose")
    table.add_row("E0000000001", "draw 0.678301 >= hazard 0.210000 = 0.1 x 1.4 (age 25-34)")
    lines = rendered(table, 40)
    assert max(map(len, lines)) <= 40
    words = " ".join(lines).split()
    assert {"E0000000001", "0.678301", "(age", "25-34)"} <= set(words)


def test_wide_characters_are_aligned() -> None:
    table = TextTable()
    table.add_column("Department", "key")
    table.add_column("People", "number")
    table.add_row("営業部", "12")
    table.add_row("Sales", "345")
    lines = rendered(table, 80)
    assert lines[3] == "  営業部           12" and lines[4] == "  Sales           345"


def test_a_name_wider_than_the_terminal_is_folded() -> None:
    table = TextTable()
    table.add_column("Run", "key")
    table.add_column("Years", "number")
    table.add_row("x" * 100, "2025–2029")
    lines = rendered(table, 60)
    assert max(map(len, lines)) <= 60
    assert "".join(lines).count("x") == 100 and "2025–2029" in "".join(lines)


def test_a_table_without_rows_has_its_headings() -> None:
    table = TextTable("Nothing")
    table.add_column("Run", "key")
    assert "Run" in "".join(rendered(table, 80))
