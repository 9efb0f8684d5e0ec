"""The executive summary: five sentences made from the figures of the report's tables.

What the workforce becomes, what it costs, who comes and goes, how scenarios differ (with one scenario: what
moves its cost), and how sure the figures are. Page, PDF, workbook and slides show the same sentences.
"""

from collections.abc import Sequence
from typing import NamedTuple

from tasks.results.drawn import what_differs_between_replicates
from tasks.results.report.html import shown
from tasks.results.report.key_figures import KeyFigures, baseline_of, key_figures, ratio
from tasks.results.report.phrases import amount, became, is_nothing, listed, more, people, percent
from tasks.results.report.table import Row, Table
from tasks.runs.calendar import recorded_calendar
from tasks.runs.record import RunRecord
from tasks.text.calendar import stub_note, year_label
from tasks.text.money import Money
from tasks.text.terms import TOTAL

#: Scenarios beside the baseline that the summary describes one by one; of more, the dearest and the cheapest.
DESCRIBED = 3
#: Figures whose bands the last sentence has, by their key in table spread.
_BANDS = {
    "headcount": "a closing headcount",
    "payroll": "an annual payroll",
    "loaded_cost": "a loaded cost",
}


class Sentence(NamedTuple):
    """A sentence of the summary, and the topic that it is about."""

    topic: str
    text: str


def sentences(tables: Sequence[Table], record: RunRecord) -> list[Sentence]:
    """Return the five sentences on a run's tables `headcount`, `payroll`, `cost` and `spread`.

    With several scenarios, the first three and the last are about the baseline. The list is empty if no year
    is complete.
    """
    figures = key_figures(tables, record)
    baseline = baseline_of(record)
    base = next((each for each in figures if each.scenario == baseline), None)
    if base is None:
        return []
    money, years = Money.of(record), _Years(record, base)
    others = [each for each in figures if each is not base]
    spread = [row for table in tables if table.key == "spread" for row in table.rows]
    return [
        Sentence("Workforce", _workforce(base, record, named=bool(others))),
        Sentence("Cost", _cost(base, money, years)),
        Sentence("Hires and leavers", _movements(base, years)),
        Sentence("Scenarios", _scenarios(base, others, money))
        if others
        else Sentence("What moves the cost", _drivers(base, money, years)),
        Sentence("How sure", _certainty(base, spread, record, money)),
    ]


class _Years:
    """The names of a scenario's years, and which of them are whole."""

    def __init__(self, record: RunRecord, figures: KeyFigures) -> None:
        calendar = recorded_calendar(record)
        stub = year_label(calendar, calendar.first_year) if calendar.has_stub else None
        self.all = figures.years
        self.first, self.last = self.all[0], self.all[-1]
        self.has_stub = self.first == stub
        self.stub_days = f"{self.first}, {stub_note(calendar)}" if self.has_stub else ""
        #: Places of the whole years, whose cost and turnover can be compared.
        self.whole = range(1 if self.has_stub else 0, len(self.all))

    @property
    def span(self) -> str:
        """All years, to begin a sentence."""
        if len(self.all) == 1:
            return f"In {self.stub_days or self.first}"
        return f"Over {len(self.all)} years ({self.first} to {self.last})"


def _workforce(base: KeyFigures, record: RunRecord, *, named: bool) -> str:
    context = [f"on average over {record.replicates} replicates"] if record.replicates > 1 else []
    context += [f"in scenario {base.scenario}"] if named else []
    first, last = base.years[0], base.years[-1]
    before, after = people(base.opening), people(base.closing)
    ends = f"at the end of {last}" if last != first else "at its end"
    if before == after:
        who = "nobody is employed" if before.startswith("no ") else f"the workforce is {before}"
        text = f"{who} when {first} opens and {ends}"
    else:
        closing = "nobody" if after.startswith("no ") else after.partition(" ")[0]
        verb = "grows" if base.closing > base.opening else "shrinks"
        change = percent(base.opening, base.closing)
        text = f"the workforce {verb} from {before} when {first} opens to {closing} {ends}{change}"
    return _capital("".join(f"{words}, " for words in context) + f"{text}.")


def _cost(base: KeyFigures, money: Money, years: _Years) -> str:
    before, after = base.opening_payroll, base.closing_payroll
    payroll = became(
        (before, amount(money, before)),
        (after, amount(money, after)),
        ("at the opening", f"at the end of {years.last}"),
        ("rises", "falls", "stays at"),
    )
    return f"Annual payroll {payroll}{_loaded(base, money, years)}."


def _loaded(base: KeyFigures, money: Money, years: _Years) -> str:
    if not base.cost:
        return "; this run does not tell its loaded cost"
    texts = [amount(money, value) for value in base.cost]
    stub = f"is {texts[0]} in {years.stub_days}" if years.has_stub else ""
    if not years.whole:
        return f", and the loaded cost {stub}"
    first, last = years.whole[0], years.whole[-1]
    if first == last:
        whole = f"{'' if stub else 'is '}{texts[last]} in {years.all[last]}"
        return f", and the loaded cost {' and '.join(filter(None, (stub, whole)))}"
    change = became(
        (base.cost[first], texts[first]),
        (base.cost[last], texts[last]),
        (f"in {years.all[first]}", f"in {years.all[last]}"),
        ("rises", "falls", "stays at"),
    )
    total = f"{amount(money, sum(base.cost))} in all years"
    if stub:
        return f", and the loaded cost {stub}, then {change}, {total}"
    return f", and the loaded cost of a year {change}, {total}"


def _movements(base: KeyFigures, years: _Years) -> str:
    hires = _who(base.hires, "is hired", "are hired")
    leavers = _who(base.leavers, "leaves", "leave").replace(" employees", "").replace(" employee", "")
    kinds = [
        (base.experienced_leavers, "experienced"),
        (base.new_hire_leavers, "in the year of their hire"),
        (base.reductions, "by reduction in force"),
    ]
    parts = [f"{shown(count, 'count')} {words}" for count, words in kinds if count]
    of_kinds = f" ({', '.join(parts)})" if parts else ""
    return f"{years.span}, {hires} and {leavers}{of_kinds}{_turnover(base, years)}."


def _who(count: float, one: str, many: str) -> str:
    text = people(count)
    if text.startswith("no "):
        return f"nobody {one}"
    return f"{text} {one if text.startswith('1 ') else many}"


def _turnover(base: KeyFigures, years: _Years) -> str:
    known = [(years.all[place], base.turnover[place]) for place in years.whole]
    known = [(year, value) for year, value in known if value is not None]
    if not known:
        return ""
    (first, before), (last, after) = known[0], known[-1]
    texts = [shown(value, "share") for value in (before, after)]
    if first == last:
        return f"; {TOTAL.lower()} is {texts[0]} in {first}"
    if texts[0] == texts[1]:
        return f"; {TOTAL.lower()} is {texts[0]} in {first} and in {last}"
    return f"; {TOTAL.lower()} is {texts[0]} in {first} and {texts[1]} in {last}"


def _scenarios(base: KeyFigures, others: Sequence[KeyFigures], money: Money) -> str:
    start = f"Against {base.scenario} in {base.years[-1]}"
    if len(others) <= DESCRIBED:
        each = "; ".join(f"{other.scenario} has {_difference(base, other, money)}" for other in others)
        return f"{start}, {each}."
    ordered = sorted(others, key=_spend)
    ends = (("the most", ordered[-1]), ("the least", ordered[0]))
    what = "loaded cost" if base.cost else "annual payroll"
    described = "; ".join(
        f"{other.scenario} with {rank} {what} has {_difference(base, other, money)}" for rank, other in ends
    )
    return f"{start}, of {len(others)} scenarios {described}."


def _spend(figures: KeyFigures) -> float:
    """Return the loaded cost of the last year, or its closing payroll where the cost is not known."""
    return figures.cost[-1] if figures.cost else figures.closing_payroll


def _difference(base: KeyFigures, other: KeyFigures, money: Money) -> str:
    """Return how a scenario's last year differs in employees and loaded cost (or annual payroll)."""
    heads = other.closing - base.closing
    number = shown(abs(heads), "count")
    counted = more(heads, number, "employee")
    if not is_nothing(number):
        counted += percent(base.closing, other.closing)
    what = "loaded cost" if base.cost else "annual payroll"
    spent = _spend(other) - _spend(base)
    text = amount(money, abs(spent))
    if is_nothing(text):
        return f"{counted} and the same {what}"
    share = percent(_spend(base), _spend(other))
    return f"{counted} and {text} {'more' if spent > 0 else 'less'} {what}{share}"


def _drivers(base: KeyFigures, money: Money, years: _Years) -> str:
    """Return what moves the loaded cost of a year between two whole years, else the annual payroll."""
    if len(base.cost) == len(years.all) and len(years.whole) > 1:
        first, last = years.whole[0], years.whole[-1]
        if base.person_years[first] and base.person_years[last]:
            return _people_and_price(base, money, years, first, last)
    moved = base.closing_payroll - base.opening_payroll
    steps = sorted(base.steps.items(), key=lambda step: -abs(step[1]))
    named = [f"{_lowered(name)} {amount(money, value, sign='+')}" for name, value in steps if value]
    if not named:
        return "Nothing moves the annual payroll."
    return f"The annual payroll moves by {amount(money, moved, sign='+')} in all: {listed(named)}."


def _people_and_price(base: KeyFigures, money: Money, years: _Years, first: int, last: int) -> str:
    """Split the change in cost: person-years at the first year's cost each, and the change of that cost."""
    cost, volume = base.cost, base.person_years
    price = (cost[first] / volume[first], cost[last] / volume[last])
    by_people = (volume[last] - volume[first]) * price[0]
    by_price = (price[1] - price[0]) * volume[last]
    moves = amount(money, cost[last] - cost[first], sign="+")
    return (
        f"From {years.all[first]} to {years.all[last]} the loaded cost of a year moves by {moves}: "
        f"{amount(money, by_people, sign='+')} by{_share(volume[first], volume[last])} person-years and "
        f"{amount(money, by_price, sign='+')} by{_share(*price)} cost per person-year{_raises(base, money)}."
    )


def _share(before: float, after: float) -> str:
    change = ratio(before, after)
    text = shown(None if change is None else abs(change), "share")
    if change is None or is_nothing(text):
        return " unchanged"
    return f" {text} {'more' if change > 0 else 'less'}"


def _raises(base: KeyFigures, money: Money) -> str:
    """Return what raises of all kinds add to payroll, as the rest of a sentence."""
    steps = [(name, value) for name, value in base.steps.items() if name in ("COLA", "Merit", "Promotion")]
    named = [f"{_lowered(name)} {amount(money, value, sign='+')}" for name, value in steps if value]
    return f"; raises move the annual payroll over all years by {listed(named)}" if named else ""


def _certainty(base: KeyFigures, spread: Sequence[Row], record: RunRecord, money: Money) -> str:
    if record.replicates == 1:
        assumed = (
            "the uncertain assumptions are drawn only once"
            if record.uncertainty
            else "the assumptions are held certain"
        )
        return f"One replicate was simulated and {assumed}, so that no figure has a band for its error."
    last = [
        row
        for row in spread
        if row["scenario_id"] == base.scenario and str(row["simulation_year"]) == base.years[-1]
    ]
    rows = {row["figure_key"]: row for row in last}
    bands = [
        f"{name} of {_band(low, high)}"
        for key, name in _BANDS.items()
        if key in rows
        for low, high in [[_figure(key, rows[key][rank], money) for rank in ("p05", "p95")]]
    ]
    what = _lowered(what_differs_between_replicates(record).rstrip(".")).replace(";", ", and")
    if not bands:  # tables without the spread
        return f"{_capital(what)}."
    return (
        f"From the 5th to the 95th percentile over {record.replicates} replicates, {base.years[-1]} has "
        f"{listed(bands)}; {what}."
    )


def _figure(key: str, value: float, money: Money) -> str:
    return shown(value, "count") if key == "headcount" else amount(money, value)


def _band(low: str, high: str) -> str:
    return f"{low} in all of them" if low == high else f"{low} to {high}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lowered(text: str) -> str:
    """Return text to stand within a sentence; abbreviations keep their capitals."""
    return text if text[:2].isupper() else text[:1].lower() + text[1:]
