"""The rates and amounts of section cost that a run used, by level."""

from typing import Any

import polars as pl
from pydantic import ValidationError

from settings.errors import InputError
from settings.models.cost import CostSettings
from tasks.runs.record import RunRecord


def cost_rates(record: RunRecord, scenario: str, year: int) -> pl.DataFrame:
    """Return a scenario's rates and amounts of cost in a year, a row per level.

    Columns: level, bonus_rate, and NAME_rate (share of pay) and NAME_amount (currency units) of benefits,
    payroll_tax, recruiting and severance, as in settings/models/cost.py. Raises InputError if another version
    of the program recorded them in another form.
    """
    settings = next(each.settings for each in record.scenarios if each.id == scenario)
    try:
        cost = CostSettings.model_validate(settings["cost"])
    except (KeyError, ValidationError):
        raise InputError(
            f"run {record.run_id} is of another version of the program, whose settings of section cost are "
            "not those of this one: look at it with that version, or simulate the same input again"
        ) from None
    rows = []
    for level in map(int, settings["workforce"]["levels"]):
        bonus = cost.bonus_rates.get(level)
        row: dict[str, Any] = {"level": level, "bonus_rate": float(bonus.at(year)) if bonus else 0.0}
        for name, item in cost:
            if name != "bonus_rates":
                row[f"{name}_rate"] = float(item.rate.at(year))
                row[f"{name}_amount"] = float(item.amount.at(year))
        rows.append(row)
    return pl.DataFrame(rows)
