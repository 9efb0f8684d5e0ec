"""The rates and amounts of section cost that a run used, by level."""

from typing import Any

import polars as pl

from settings.models.cost import CostSettings
from settings.models.workforce import WorkforceSettings
from tasks.runs.record import RunRecord


def cost_rates(record: RunRecord, scenario: str, year: int) -> pl.DataFrame:
    """Return a scenario's rates and amounts of cost in a year, a row per level.

    Columns: level, bonus_rate, and NAME_rate (share of pay) and NAME_amount (currency units) of benefits,
    payroll_tax, recruiting and severance, as in settings/models/cost.py.
    """
    settings = next(each.settings for each in record.scenarios if each.id == scenario)
    cost = CostSettings.model_validate(settings["cost"])
    levels = WorkforceSettings.model_validate(settings["workforce"]).levels
    rows = []
    for level in levels:
        bonus = cost.bonus_rates.get(level)
        row: dict[str, Any] = {"level": level, "bonus_rate": float(bonus.at(year)) if bonus else 0.0}
        for name, item in cost:
            if name != "bonus_rates":
                row[f"{name}_rate"] = float(item.rate.at(year))
                row[f"{name}_amount"] = float(item.amount.at(year))
        rows.append(row)
    return pl.DataFrame(rows)
