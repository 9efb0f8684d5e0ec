"""Words of the fiscal calendar: its first and last day, what a year is called, and what a stub is."""

from datetime import date

from settings.models.calendar import ONE_DAY, FiscalCalendar


def day_words(day: date) -> str:
    """Return a day of any year, such as 1 July."""
    return f"{day.day} {day:%B}"


def first_day_words(calendar: FiscalCalendar) -> str:
    """Return on which day every year begins, such as 1 January."""
    return day_words(date(2001, calendar.start_month, calendar.start_day))


def last_day_words(calendar: FiscalCalendar) -> str:
    """Return on which day every year ends, such as 31 December."""
    if (calendar.start_month, calendar.start_day) == (3, 1):
        return "the last day of February"
    return day_words(date(2001, calendar.start_month, calendar.start_day) - ONE_DAY)


def years_words(calendar: FiscalCalendar, first: int, last: int) -> str:
    """Return which years a range has, with its days where these are not whole calendar years."""
    names = calendar.name(first) if first == last else f"{calendar.name(first)} to {calendar.name(last)}"
    if calendar.is_calendar_year and not calendar.is_stub(first):
        return names
    return f"{names} ({calendar.simulated_from(first)} to {calendar.last_day(last)})"


def stub_note(calendar: FiscalCalendar) -> str | None:
    """Return which days of the first year are simulated, None if all of them are."""
    if not calendar.has_stub:
        return None
    year = calendar.first_year
    first, last = calendar.simulated_from(year), calendar.last_day(year)
    begins = day_words(first) if first.year == last.year else f"{day_words(first)} {first.year}"
    simulated = (last - first).days + 1
    if simulated == 1:
        return f"{day_words(last)} {last.year}, 1 of {calendar.days(year)} days"
    return f"{begins} to {day_words(last)} {last.year}, {simulated} of {calendar.days(year)} days"


#: The calendar of tables that are not about a run.
CALENDAR_YEARS = FiscalCalendar.of("01-01", None, 1900)


def year_label(calendar: FiscalCalendar, year: int) -> str:
    """Return what a year is called, with a mark if only a part of it is simulated."""
    is_stub = calendar.has_stub and year == calendar.first_year
    return f"{calendar.name(year)} (stub)" if is_stub else calendar.name(year)


def in_words_of(calendar: FiscalCalendar, text: str) -> str:
    """Return a text on calendar years with the days on which the years of a calendar begin and end."""
    if calendar.is_calendar_year:
        return text
    first, last = first_day_words(calendar), last_day_words(calendar)
    return text.replace("31 December", last).replace("1 January", first)


def year_values(calendar: FiscalCalendar, year: int) -> dict[str, int | str]:
    """Return a year for other programs: its number, and its name where it is not the calendar year."""
    name = {} if calendar.is_calendar_year else {"fiscal_year": calendar.name(year)}
    return {"simulation_year": year, **name}
