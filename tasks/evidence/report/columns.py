"""Columns that several tables of a fit and a backtest have."""

from tasks.results.report.table import Column

ACTUAL = Column("actual", "Actual", "count", "What happened")
EXPOSURE = Column("exposure", "Person-years", "count", "People at the opening of the windows x their length")
EVENTS = Column("events", "Events", "count", "How often it happened")
LOW = Column("low", "From", "ratio", "Lower end of the 90 % interval")
HIGH = Column("high", "To", "ratio", "Upper end of the 90 % interval")


def text(key: str, label: str, meaning: str) -> Column:
    """Return a column of text."""
    return Column(key, label, "text", meaning)


def count(key: str, label: str, meaning: str) -> Column:
    """Return a column of counts."""
    return Column(key, label, "count", meaning)


def share(key: str, label: str, meaning: str) -> Column:
    """Return a column of shares."""
    return Column(key, label, "share", meaning)


def ratio(key: str, label: str, meaning: str) -> Column:
    """Return a column of ratios."""
    return Column(key, label, "ratio", meaning)


def figures(key: str, label: str, meaning: str) -> Column:
    """Return a column of figures that are already texts."""
    return Column(key, label, "interval", meaning)
