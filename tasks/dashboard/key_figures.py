"""The key figures of pages: name, unit, how they are drawn, and whether those of several years add up."""

from dataclasses import dataclass
from typing import Literal

from tasks.results.report.marks import Measure
from tasks.results.report.table import Column, Kind
from tasks.text.money import Money


@dataclass(frozen=True)
class KeyFigure:
    """A figure of a year: its key in the rows of `figures_by`, its words, and how it is shown.

    `flows`: the years' values add up, and are drawn as bars; others are states at the end of a year, drawn as
    lines. `adds_up`: the items' values add up to the total. `discloses_pay`: of a few people, it tells the
    pay of each.
    """

    key: str
    title: str
    kind: Kind
    unit: Literal["count", "money", "pay", "share"]
    meaning: str
    plural: str = ""
    flows: bool = False
    adds_up: bool = True

    def measure(self, money: Money) -> Measure:
        """Return the axis and the texts of values."""
        return Measure(self.title, self.unit, self.plural, money)

    @property
    def column(self) -> Column:
        """The column of a table."""
        return Column(self.key, self.title, self.kind, self.meaning)


HEADCOUNT = KeyFigure(
    "headcount", "Closing headcount", "count", "count", "Employees at the end of the year", "employees"
)
COMPA_RATIO = KeyFigure(
    "compa_ratio",
    "Compa-ratio",
    "share",
    "share",
    "Full-time pay / middle of the pay range of the level in that year, mean over employees",
    adds_up=False,
)
AVERAGE_PAY = KeyFigure(
    "average_pay", "Average pay", "money", "pay", "Closing payroll / closing headcount", adds_up=False
)
KEY_FIGURES = (
    HEADCOUNT,
    KeyFigure("hires", "Hires", "count", "count", "Employees hired in the year", "hires", flows=True),
    KeyFigure(
        "leavers",
        "Leavers",
        "count",
        "count",
        "Employees whose last day is in the year",
        "leavers",
        flows=True,
    ),
    KeyFigure(
        "payroll", "Closing payroll", "money", "money", "Sum of annual salaries at the end of the year"
    ),
    KeyFigure("paid", "Paid", "money", "money", "Salary for the days employed in the year", flows=True),
    KeyFigure(
        "loaded_cost",
        "Loaded cost",
        "money",
        "money",
        "Paid, and all other costs of settings cost",
        flows=True,
    ),
    AVERAGE_PAY,
)
BY_KEY = {figure.key: figure for figure in (*KEY_FIGURES, COMPA_RATIO)}
