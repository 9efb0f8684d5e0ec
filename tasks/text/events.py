"""The kinds of event, and the words for them: the one list from which tables, charts and counts take them.

dbt_project/macros/changes.sql has the kinds of change as the models compute them.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class EventKind:
    """A kind of event.

    `event_type` is its name in fct_workforce_events, `step` the name of its step from opening to closing
    payroll and `meaning` what that step is; `counted` is its column of fct_year_summary, if there is one. A
    kind that is not `usual` depends on settings or known actions: tables leave it out where there is none.
    """

    event_type: str
    step: str
    meaning: str
    counted: str | None = None
    usual: bool = True


#: In the order of a payroll bridge. New kinds follow the usual ones, so that these keep their colours.
EVENT_KINDS = (
    EventKind("cola", "COLA", "Change by cost-of-living adjustments", "cola_raises"),
    EventKind("merit", "Merit", "Change by merit raises", "merit_raises"),
    EventKind("promotion", "Promotion", "Change by raises on promotion", "promotions"),
    EventKind("hire", "Hiring", "Starting salaries of hires", "hires"),
    EventKind("termination", "Leaving", "Salaries of leavers, as a negative number"),
    EventKind(
        "adjustment", "Adjustment", "Change by raises to the level's minimum", "adjustments", usual=False
    ),
    EventKind("raise", "Known raise", "Change by known raises", usual=False),
    EventKind("fte", "Working time", "Change by known changes of FTE", usual=False),
    EventKind("transfer", "Transfer", "Change by transfers", "transfers", usual=False),
)
#: Columns of fct_year_summary that count leavers, by the reason of the event.
LEAVERS = ("experienced_terminations", "new_hire_terminations", "reductions")
#: Columns of fct_year_summary that count events.
COUNTED = (*(kind.counted for kind in EVENT_KINDS if kind.counted), *LEAVERS)

#: What became of a known action, by its outcome in fct_planned_actions: in short, and what it means.
OUTCOMES = {
    "done": ("done", "Done as planned"),
    "not_drawn": ("not drawn", "Not done, since the draw was not below the action's probability"),
    "not_employed": ("not employed", "Not done: the employee was not employed on the date, or had left"),
    "no_effect": (
        "no effect",
        "Not done: the employee had that level, a higher one, or that place already",
    ),
    "outside_years": ("outside the years", "Not done: the date is in none of the simulated years"),
}
