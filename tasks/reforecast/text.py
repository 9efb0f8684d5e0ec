"""A reforecast's comparison with the budget as the facts of an alert, in Markdown, and for a terminal."""

import shlex
import socket
from decimal import Decimal

from tasks.reforecast.comparison import FIGURES, HEADCOUNT, LABELS, Comparison, Figure, YearCompared
from tasks.text.markdown import escaped, table_lines
from tasks.text.money import Money
from tasks.text.tables import TextTable

#: Figures that a message names, and the effects that it names of each.
LISTED, LARGEST = 12, 3


def facts_of(found: Comparison) -> dict[str, str]:
    """Return the figures that moved as lines of a message, with the largest effects of each."""
    moved = found.moved
    lines = {
        f"{year.label} {FIGURES[figure.name]}": _line(figure, found.money) for year, figure in moved[:LISTED]
    }
    more = {"Further figures": f"{len(moved) - LISTED:,}"} if len(moved) > LISTED else {}
    return {
        "List": found.list_name,
        "Reforecast": found.run.run_id,
        "Allowed": f"{_share(found.threshold)} of the budget (reforecast.threshold)",
        **lines,
        **more,
    }


def _line(figure: Figure, money: Money) -> str:
    text = (
        f"{_amount(figure, figure.forecast, money)}; budget {_amount(figure, figure.budget, money)}, "
        f"{_amount(figure, figure.difference, money, '+')} ({_percent(figure)})"
    )
    largest = sorted(figure.effects.items(), key=lambda entry: -abs(entry[1]))[:LARGEST]
    effects = [
        f"{LABELS[name].lower()} {money.without_cents(amount, sign='+')}"
        for name, amount in largest
        if amount
    ]
    return f"{text}: {', '.join(effects)}" if effects else text


def markdown_of(found: Comparison) -> str:
    """Return the comparison of all years, and its bridges, in Markdown."""
    lines = [
        f"# Reforecast {escaped(found.run.run_id)}",
        "",
        f"From list {escaped(found.list_name)}, against budget {escaped(found.budget_name)}. "
        + escaped(summary(found)),
        "",
    ]
    for table in tables_of(found):
        rows = table.records
        lines += [f"## {escaped(table.title)}", ""]
        lines += [*table_lines(list(rows[0]), [list(row.values()) for row in rows]), ""]
    lines += [f"- {escaped(f'{year.label}: {note}')}" for year in found.years for note in year.notes]
    return "\n".join(
        [
            *lines,
            "",
            f"On host `{socket.gethostname()}`: `{found.run.report.resolve()}` is the report, "
            f"`{variance_command(found)}` prints the bridge by level.",
        ]
    )


def variance_command(found: Comparison) -> str:
    """Return the command that prints the bridge by level.

    It names the budget: the settings of a run that was simulated before may name another one.
    """
    scenario = ["--budget-scenario", found.budget.scenario] if found.budget.scenario else []
    run, budget = (str(each.path.resolve()) for each in (found.run, found.budget.directory))
    return shlex.join(["workforce", "variance", run, "--budget", budget, *scenario, "--by", "level"])


def summary(found: Comparison) -> str:
    """Return in a sentence how many figures moved."""
    number, of = len(found.moved), sum(len(year.figures) for year in found.years)
    return f"{number} of {of} figures differ by more than {_share(found.threshold)} of the budget."


def tables_of(found: Comparison) -> list[TextTable]:
    """Return the figures of all years, and the bridges of payroll and cost."""
    return [_figures(found), _bridges(found)]


def _figures(found: Comparison) -> TextTable:
    table = TextTable("Against the budget", name="figures")
    table.add_column("Year", "group")
    table.add_column("Figure", "key")
    for heading in ("Budget", "Reforecast", "Difference", "Share"):
        table.add_column(heading, "number")
    table.add_column("Moved")
    for year in found.years:
        for figure in year.figures:
            amounts = [_amount(figure, one, found.money) for one in (figure.budget, figure.forecast)]
            difference = _amount(figure, figure.difference, found.money, "+")
            moved = figure.moved(found.threshold)
            table.add_row(
                *(year.label, FIGURES[figure.name].capitalize(), *amounts, difference, _percent(figure)),
                "yes" if moved else "no",
                values={
                    **year.values,
                    "figure": figure.name,
                    "budget": figure.budget,
                    "reforecast": figure.forecast,
                    "difference": figure.difference,
                    "share": figure.difference / figure.budget if figure.budget else None,
                    "moved": moved,
                },
            )
    return table


def _bridges(found: Comparison) -> TextTable:
    """Return a row per year and effect, with what it adds to payroll and to cost."""
    table = TextTable("What explains the difference", name="effects")
    table.add_column("Year", "group")
    table.add_column("Effect", "key")
    with_effects = [name for name in FIGURES if name != HEADCOUNT]
    for name in with_effects:
        table.add_column(found.money.headed(FIGURES[name].capitalize()), "number")
    for year in found.years:
        of_year = {figure.name: figure.effects for figure in year.figures}
        for effect in _effects_of(year):
            amounts = {name: of_year[name].get(effect) for name in with_effects}
            table.add_row(
                *(year.label, LABELS[effect], *map(_effect, amounts.values())),
                values={**year.values, "effect": effect, **amounts},
            )
    return table


def _effect(amount: Decimal | None) -> str:
    return "–" if amount is None else f"{amount:+,.2f}" if amount else "0.00"


def _effects_of(year: YearCompared) -> list[str]:
    return [name for name in LABELS if any(name in figure.effects for figure in year.figures)]


def _amount(figure: Figure, value: Decimal, money: Money, sign: str = "") -> str:
    if figure.name != HEADCOUNT:
        return money.without_cents(value, sign=sign)
    return f"{value:{sign},.0f}" if value == value.to_integral_value() else f"{value:{sign},.1f}"


def _percent(figure: Figure) -> str:
    """Return the difference as a share of the budget; without a budget there is none."""
    return f"{figure.difference / figure.budget:+.1%}" if figure.budget else "–"


def _share(threshold: Decimal) -> str:
    return f"{float(100 * threshold):g} %"
