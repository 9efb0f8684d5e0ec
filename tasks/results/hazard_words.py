"""Hazards as formulas, and choices by a draw, for the explanation of an employee's years."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

#: A row of queries/hazards_by_cause.sql.
Found = Mapping[str, Any]


def formula(row: Found) -> str:
    """Return a hazard with its base and each factor by name and value."""
    if not row["is_eligible"]:
        if row["rate"] == "promotion":
            return "0 (top level)"
        return f"0 (from age {row['min_age']} and tenure {row['min_tenure']})"
    parts = [f"{row['base']:g}"]
    parts += [f"{one['factor']:g} ({one['attribute']} {one['value'] or '(none)'})" for one in row["factors"]]
    if row["level_damping"]:
        parts.append(f"{row['damping']:g} (damping at level {row['level']})")
    capped = ", at most 1" if row["yearly_hazard"] == 1 else ""
    equals = f"= {' x '.join(parts)}" if len(parts) > 1 else "(base)"
    yearly = f"{row['yearly_hazard']:.6f} {equals}{capped}"
    return yearly if row["year_part"] == 1 else f"{in_stub(row['hazard'], row['year_part'])}, q = {yearly}"


def in_stub(probability: float, fraction: float) -> str:
    """Return a probability in a part of the year, as a formula of the yearly probability q."""
    return f"{probability:.6f} = 1 - (1 - q)^{fraction:.6f}"


def any_cause(causes: Sequence[Found]) -> float:
    """Return the hazard of leaving of any cause."""
    hazards = [row["hazard"] for row in causes]
    if sum(hazard > 0 for hazard in hazards) <= 1:
        return float(max(hazards))
    return float(1 - math.prod(1 - hazard for hazard in hazards))


def any_formula(causes: Sequence[Found], hazard: float) -> str:
    """Return the hazard of leaving of any cause, with that of each."""
    if len(causes) == 1:
        return formula(causes[0])
    by_cause = "; ".join(f"{row['cause']} {formula(row)}" for row in causes)
    return f"{hazard:.6f} of any cause ({by_cause})"


def shares(causes: Sequence[Found]) -> dict[str, float]:
    """Return the shares of the causes among those who leave with these hazards."""
    hazards = [row["hazard"] for row in causes]
    if max(hazards) >= 1:
        weights = [float(hazard >= 1) for hazard in hazards]
    elif max(hazards) > 0:
        weights = [-math.log(1 - hazard) for hazard in hazards]
    else:
        weights = [float(number == 0) for number in range(len(hazards))]
    return {row["cause"]: weight / sum(weights) for row, weight in zip(causes, weights, strict=True)}


def chosen(weights: Mapping[Any, float], u: float) -> Any:
    """Return the first key whose cumulated share exceeds a draw."""
    reached, total = 0.0, sum(weights.values())
    for key, weight in weights.items():
        reached += weight
        if u * total < reached:
            return key
    return [key for key, weight in weights.items() if weight][-1]


def race_time(u: float, hazard: float) -> str:
    """Return when an employee would leave in the exponential race, as a formula."""
    return (
        f"-ln(1 - {u:.6f}) / {hazard:.6f} = {-math.log(1 - u) / hazard:.4f}" if hazard else "never (hazard 0)"
    )
