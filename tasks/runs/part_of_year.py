"""Yearly probabilities and growth in the simulated part of a stub year, by the formulas of docs/models.md."""

from decimal import ROUND_HALF_UP, Decimal

from settings.models.calendar import FiscalCalendar


def year_fraction(calendar: FiscalCalendar, year: int) -> float:
    """Return the share of a year's days that is simulated: 1 unless it is a stub."""
    return calendar.first_year_share if calendar.is_stub(year) else 1.0


def in_part_of_year(probability: float, fraction: float) -> float:
    """Return a year's probability q in a part f of it: 1 - (1 - q)^f, to 12 decimals; q in a whole year."""
    return probability if fraction == 1 else _rounded(1 - (1 - probability) ** fraction)


def growth_in_part_of_year(growth: float, fraction: float) -> float:
    """Return a year's growth g in a part f of it: (1 + g)^f - 1, to 12 decimals; g in a whole year."""
    return growth if fraction == 1 else _rounded((1 + growth) ** fraction - 1)


def _rounded(value: float) -> float:
    return float(Decimal(value).quantize(Decimal("1e-12"), ROUND_HALF_UP))
