"""Days that are drawn: of hires and leavers by season, of raises by their shares."""

from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate

from tests.simulation.model.arithmetic import first_above
from tests.simulation.model.policy import Months


def day_between(first: date, last: date, uniform: float, months: Months = None) -> date:
    """The day of a window, both ends included, on which a draw falls; by month if these have weights."""
    count = (last - first).days + 1
    if months is not None and len(set(months)) > 1:
        days = [first + timedelta(number) for number in range(count)]
        weights = [months[day.month - 1] for day in days]
        if any(weights):
            return days[first_above(weights, uniform)]
    return first + timedelta(int(uniform * count))


def effective_date(dates: list[tuple[date, Decimal]], uniform: float) -> date:
    """The date of a raise: that of the share in which the draw lies."""
    return next(
        day
        for (day, _), reached in zip(dates, accumulate(share for _, share in dates), strict=True)
        if uniform < reached
    )


def month_end(day: date) -> date:
    """The last day of a month."""
    return day.replace(day=monthrange(day.year, day.month)[1])
