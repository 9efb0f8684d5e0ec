"""The opening date of a simulation: the date of its census, and the setting that determines it."""

from dataclasses import dataclass
from datetime import date, timedelta

from settings import ResolvedSettings
from settings.models.calendar import ONE_DAY, FiscalCalendar

#: A date further ahead of the opening is a typo or a placeholder, and no sign of the date of the census.
FORESEEABLE = timedelta(days=3653)


@dataclass(frozen=True)
class Opening:
    """The opening date, the fiscal calendar, and where the date comes from."""

    calendar: FiscalCalendar
    #: The file, variable or flag that sets simulation.opening_date; None if start_year determines it.
    source: str | None = None

    @classmethod
    def of(cls, settings: ResolvedSettings) -> "Opening":
        """Return the opening date of resolved settings."""
        simulation = settings.base.simulation
        is_given = simulation.opening_date is not None
        source = settings.provenance["simulation.opening_date"].source if is_given else None
        return cls(simulation.calendar, source)

    @property
    def day(self) -> date:
        """The last day before the first simulated one."""
        return self.calendar.opening_date

    @property
    def year(self) -> int:
        """The fiscal year that has the opening date."""
        return self.calendar.year_of(self.day)

    @property
    def text(self) -> str:
        """The opening date and where it comes from, for a message."""
        if self.source is None:
            return f"{self.day}, the day before simulation.start_year {self.calendar.first_year} begins"
        return f"{self.day}, simulation.opening_date ({self.source})"

    def fitting(self, day: date) -> str:
        """Return the settings with which a run opens for a census whose newest entry is of `day`."""
        year = self.calendar.year_of(day)
        last, of_exact = self.calendar.last_day(year), self.calendar.year_of(day + ONE_DAY)
        alone = "" if self.source is None else " without simulation.opening_date"
        whole = f"simulation.start_year: {year + 1}{alone}, which opens on {last}"
        exact = f"simulation.opening_date: {day} with simulation.start_year: {of_exact}"
        if last == self.day:  # the run opens there, and still the census does not fit
            return exact
        return whole if last == day else f"{whole}, or {exact}"
