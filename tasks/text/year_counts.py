"""The counts of a year that a summary shows, on the terminal and in Prefect's UI."""

from collections.abc import Mapping, Sequence
from typing import Any


def year_counts(means: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the counts of a summary, headings and keys; some only where they say something.

    These are transfers, raises to the minimum, and FTE, which without part-time work is the headcount.
    """
    counts = {
        "Opening": "opening_headcount",
        "Hires": "hires",
        "Leavers": "terminations",
        "Promoted": "promotions",
        "Moved": "transfers",
        "Adjusted": "adjustments",
        "Closing": "ending_headcount",
        "FTE": "ending_fte",
    }
    for heading, name in list(counts.items()):
        if name in ("transfers", "adjustments") and not any(row[name] for row in means):
            del counts[heading]
    if not any(
        row[f"{side}_fte"] != row[f"{side}_headcount"] for row in means for side in ("opening", "ending")
    ):
        del counts["FTE"]
    return counts
