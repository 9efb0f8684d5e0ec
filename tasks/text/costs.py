"""The parts of an employer's cost: name, words and column of each, for figures, tables and charts."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Cost:
    """A cost: its name as a figure, its title, what it is, and its column of fct_year_summary."""

    name: str
    title: str
    meaning: str
    column: str


#: What a run's settings of section cost add to the salary for the days employed.
PARTS = (
    Cost("bonus", "Bonus", "Bonus by level (settings cost.bonus_rates)", "bonus_cost"),
    Cost("benefits", "Benefits", "Benefits (settings cost.benefits)", "benefits_cost"),
    Cost("payroll_tax", "Payroll tax", "Employer's taxes (settings cost.payroll_tax)", "payroll_tax_cost"),
    Cost("recruiting", "Recruiting", "Cost of hires (settings cost.recruiting)", "recruiting_cost"),
    Cost("severance", "Severance", "Cost of reductions in force (settings cost.severance)", "severance_cost"),
)
LOADED = Cost(
    "loaded_cost", "Loaded cost", "Salary for the days employed, and all other costs", "loaded_cost"
)
#: The columns of fct_year_summary with cost, which the results of earlier versions of the program lack.
COST_COLUMNS = tuple(cost.column for cost in (*PARTS, LOADED))
