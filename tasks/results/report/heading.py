"""What stands at the top of page, PDF, workbook and slides: the title, and the facts of the run."""

from tasks.runs.calendar import recorded_calendar, recorded_opening
from tasks.runs.company import titled
from tasks.runs.record import RunRecord
from tasks.text.calendar import stub_note, year_label
from tasks.text.numbers import written


def heading(record: RunRecord) -> str:
    """Return the title of the report, with the company's name if it is known: Workforce 2025 to 2029."""
    first, last = _years(record)
    return titled(record, f"Workforce {first} to {last}" if first != last else f"Workforce {first}")


def title(record: RunRecord) -> str:
    """Return the title of the document, with the run's id."""
    first, last = _years(record)
    return titled(record, f"Workforce {first}–{last}: run {record.run_id}")


def run_facts(record: RunRecord) -> str:
    """Return sentences on the run: census, scenarios, replicates, seed and opening date."""
    scenarios = len(record.scenario_ids)
    means = f", figures are means over {record.replicates} replicates" if record.replicates > 1 else ""
    stub = stub_note(recorded_calendar(record))
    return (
        f"Run {record.run_id} of {record.started_at[:10]}: census {record.census.file}, "
        f"{written(record.census.at_opening)} employees; {scenarios} scenario{'s' if scenarios > 1 else ''}"
        f"{means}; random seed {record.seed}. Opening date {recorded_opening(record).text}."
        + (f" {_years(record)[0]}: {stub}." if stub else "")
    )


def _years(record: RunRecord) -> tuple[str, str]:
    calendar = recorded_calendar(record)
    first, last = (year_label(calendar, year) for year in record.years)
    return first, last
