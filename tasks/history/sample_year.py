"""One year of a made-up company: who leaves, is promoted, moves, gets which raise, and who is hired.

The truth that estimates should find:

- Those on a list leave within the year after it with probability 1 - Π(1 - q_c) over three causes, each q_c
  multiplied by the year effect. Age and tenure are completed years on the day after the list.
  Resignation: RESIGNATION x age x tenure x department (the tables below).
  Retirement: by age, from 60 on. A resignation at 60 or later is recorded as retirement, too.
  End of contract: CONTRACT for a tenure below two years.
- The year effect is 1 + level + own: the level moves by DRIFT from year to year, `own` belongs to one year
  with a standard deviation of OWN.
- Promotion to the next level has probability PROMOTION x level x tenure. Its raise is uniform in
  PROMOTION_RAISE; pay is at least the minimum of the new level.
- TRANSFER of those who stay change the department, to the others in proportion to their share of hires.
- All who stay get the general increase of the year; MERIT_SHARE of them get merit, uniform in MERIT.
- The headcount grows by GROWTH. Hires have the ages of the newcomers of the sample census, start on any day,
  and have levels and pay as people of their age without service. They leave within the year at HIRE_EXIT a
  year, one in HIRE_CONTRACT of them because of the end of a contract.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from tasks.census.sample import DEPARTMENTS, HEADCOUNTS, SALARIES, with_work
from tasks.census.sample_draws import days_within, drawn, uniform_draws

Steps = tuple[tuple[int, float], ...]  # (lowest value, what holds from it on)

RESIGNATION = 0.075
RESIGNATION_BY_AGE: Steps = ((0, 1.4), (25, 1.25), (35, 0.95), (45, 0.75), (55, 0.6))
RESIGNATION_BY_TENURE: Steps = ((0, 1.9), (1, 1.6), (2, 1.2), (5, 0.8), (10, 0.55))
RESIGNATION_BY_DEPARTMENT = {
    "Operations": 1.0,
    "Sales": 1.3,
    "Engineering": 0.85,
    "Customer Support": 1.4,
    "Finance": 0.75,
    "Marketing": 1.1,
    "Information Technology": 0.9,
    "Human Resources": 0.8,
    "Legal": 0.6,
}
RETIREMENT: Steps = ((0, 0.0), (60, 0.06), (62, 0.15), (65, 0.45), (68, 0.30))
RETIREMENT_AGE = 60
CONTRACT: Steps = ((0, 0.012), (2, 0.0))
DRIFT, OWN = 0.05, 0.10
HIGHEST_HAZARD = 0.95
PROMOTION = 0.065
PROMOTION_BY_LEVEL: Steps = ((1, 1.1), (2, 0.9), (3, 0.5), (4, 0.2), (5, 0.0))
PROMOTION_BY_TENURE: Steps = ((0, 0.3), (1, 1.1), (2, 1.5), (5, 1.0), (10, 0.6))
PROMOTION_RAISE = (0.12, 0.22)
TRANSFER = 0.015
GENERAL_INCREASE = (0.018, 0.033)
MERIT_SHARE, MERIT = 0.6, (0.005, 0.040)
GROWTH = (0.005, 0.035)
HIRE_EXIT, HIRE_CONTRACT = 0.22, 6

_NORMAL = tuple(f"{kind}{number}" for kind in ("own", "drift") for number in range(4))
_YEAR_STREAMS = (*_NORMAL, "general", "growth")
_STREAMS = (
    "resignation", "resignation_day", "retirement", "retirement_day", "contract", "contract_day",
    "promotion", "promotion_raise", "transfer", "transfer_to", "merit", "merit_size",
)  # fmt: skip
_HIRE_STREAMS = (
    "hire_day", "age_band", "age", "department", "location", "level", "pay", "leaves", "leaving_day",
    "leaving_reason",
)  # fmt: skip
_SPREAD_OF_FOUR = (4 / 12) ** 0.5  # standard deviation of the sum of four uniform draws
_TENTHS = 1000  # of a percent in 1


@dataclass(frozen=True)
class SampleYear:
    """The time between two lists, from the day after `opened` to `closed`."""

    opened: date
    closed: date
    effect: float  # multiplies the hazards of leaving
    general: int  # general increase, in tenths of a percent
    growth: float  # of headcount, as a share
    pay_index: float  # pay at the end, as a multiple of that of the newest list

    @property
    def days(self) -> int:
        """Days from `opened`, which does not count, to `closed`."""
        return (self.closed - self.opened).days


def sample_years(seed: int, dates: list[date]) -> list[SampleYear]:
    """Return the years between lists, with their year effects, increases and growth."""
    labels = pl.Series([day.year for day in dates[1:]], dtype=pl.Int32)
    draws = uniform_draws("history-year", seed, labels, _YEAR_STREAMS).to_dicts()
    low, high = (round(_TENTHS * bound) for bound in GENERAL_INCREASE)
    general = [low + int(row["general"] * (high - low + 1)) for row in draws]
    years, level, index = [], 0.0, 1.0
    indices: list[float] = []
    for each in reversed(general):
        indices.insert(0, index)
        index /= 1 + each / 1000
    for number, row in enumerate(draws):
        own, drift = (
            (sum(row[f"{kind}{each}"] for each in range(4)) - 2) / _SPREAD_OF_FOUR
            for kind in ("own", "drift")
        )
        level += DRIFT * drift
        growth = GROWTH[0] + row["growth"] * (GROWTH[1] - GROWTH[0])
        years.append(
            SampleYear(
                dates[number],
                dates[number + 1],
                max(1 + level + OWN * own, 0.3),
                general[number],
                growth,
                indices[number],
            )
        )
    return years


def live_through(people: pl.DataFrame, year: SampleYear, seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return those of a list who stay to the end of the year, with new pay, level, department; and leavers.

    `people` has employee_id, birth_date, hire_date, cents, level, department; leavers keep what they had, and
    have termination_date and reason.
    """
    labels = people["employee_id"] + f"|{year.closed.year}"
    exits = people.hstack(uniform_draws("history", seed, labels, _STREAMS)).with_columns(
        age=_completed("birth_date", year.opened + timedelta(days=1)),
        tenure=_completed("hire_date", year.opened + timedelta(days=1)),
    )
    resignation = (
        RESIGNATION
        * _step("age", RESIGNATION_BY_AGE)
        * _step("tenure", RESIGNATION_BY_TENURE)
        * pl.col("department").replace_strict(RESIGNATION_BY_DEPARTMENT, return_dtype=pl.Float64)
    )
    hazards = {
        "resignation": resignation,
        "retirement": _step("age", RETIREMENT),
        "contract": _step("tenure", CONTRACT),
    }
    days = {
        name: pl.when(pl.col(name) < (year.effect * hazard).clip(upper_bound=HIGHEST_HAZARD)).then(
            1 + (pl.col(f"{name}_day") * year.days).floor().cast(pl.Int64)
        )
        for name, hazard in hazards.items()
    }
    exits = exits.with_columns(**{f"{name}_day": day for name, day in days.items()}).with_columns(
        day=pl.min_horizontal(f"{name}_day" for name in hazards)
    )
    is_contract = (pl.col("contract_day") == pl.col("day")).fill_null(False)
    is_retired = pl.col("age") >= RETIREMENT_AGE
    gone = exits.filter(pl.col("day").is_not_null()).select(
        people.columns,
        termination_date=pl.lit(year.opened) + pl.duration(days="day"),
        reason=pl.when(is_contract)
        .then(pl.lit("End of contract"))
        .when(is_retired)
        .then(pl.lit("Retirement"))
        .otherwise(pl.lit("Resignation")),
    )
    stay = _with_changes(exits.filter(pl.col("day").is_null()), year)
    return stay.select(people.columns), gone


def hire(stayers: int, headcount: int, year: SampleYear, seed: int) -> pl.DataFrame:
    """Return the hires of a year in order of hiring, with termination_date and reason of those who left.

    At the end there are as many that the headcount, which was `headcount` at the opening, has grown as it
    should.
    """
    needed = max(round(headcount * (1 + year.growth)) - stayers, 0)
    candidates = 2 * needed + 50  # a quarter leaves at most
    labels = pl.select(pl.format(f"{year.closed.year}|{{}}", pl.int_range(1, candidates + 1))).to_series()
    people = uniform_draws("history-hire", seed, labels, _HIRE_STREAMS)
    newcomers = [(low, high, by_service[0]) for low, high, by_service in HEADCOUNTS]
    ages = pl.DataFrame(newcomers, schema=["age_low", "age_high", "count"], orient="row")
    people = people.hstack(ages.drop("count")[drawn(people["age_band"], ages["count"])])
    people = people.with_columns(
        day=1 + (pl.col("hire_day") * year.days).floor().cast(pl.Int64),
        days_of_age=days_within("age_low", "age_high", "age"),
        years_of_service=pl.lit(0),
    ).with_columns(years_of_age=pl.col("days_of_age") // 365.25)
    people = with_work(people).with_columns(
        cents=(pl.col("salary").cast(pl.Float64) * year.pay_index).round().cast(pl.Int64) * 100,
        hire_date=pl.lit(year.opened) + pl.duration(days="day"),
        is_gone=pl.col("leaves") < HIRE_EXIT * (year.days - pl.col("day")) / year.days,
    )
    days_left = 1 + (pl.col("leaving_day") * (year.days - pl.col("day"))).floor().cast(pl.Int64)
    people = people.with_columns(
        birth_date=pl.col("hire_date") - pl.duration(days="days_of_age"),
        termination_date=pl.when("is_gone").then(pl.col("hire_date") + pl.duration(days=days_left)),
        reason=pl.when("is_gone").then(
            pl.when(pl.col("leaving_reason") * HIRE_CONTRACT < 1)
            .then(pl.lit("End of contract"))
            .otherwise(pl.lit("Resignation"))
        ),
    )
    stays_before = (~pl.col("is_gone")).cum_sum() - (~pl.col("is_gone")).cast(pl.UInt32)
    return people.filter(stays_before < needed).sort("hire_date", maintain_order=True)


def _with_changes(stay: pl.DataFrame, year: SampleYear) -> pl.DataFrame:
    """Return those who stay with promotions, transfers and raises."""
    hazard = PROMOTION * _step("level", PROMOTION_BY_LEVEL) * _step("tenure", PROMOTION_BY_TENURE)
    least, most = MERIT
    merit = pl.when(pl.col("merit") < MERIT_SHARE).then(_tenths("merit_size", least, most)).otherwise(0)
    promotion = _tenths("promotion_raise", *PROMOTION_RAISE)
    minima = {level: pay for level, (pay, _) in enumerate(SALARIES, start=1)}
    stay = stay.with_columns(is_promoted=pl.col("promotion") < hazard)
    level = pl.col("level") + pl.col("is_promoted").cast(pl.Int32)
    # whole numbers, so that pay is the same on every machine: cents x 1.0xx x 1.0xx
    raised = pl.col("cents") * (1000 + year.general) * (1000 + merit) // 1_000_000
    minimum = level.replace_strict(minima, return_dtype=pl.Float64) * (100 * year.pay_index)
    promoted = pl.max_horizontal(raised * (1000 + promotion) // 1000, minimum.round().cast(pl.Int64))
    return stay.with_columns(
        level=level,
        cents=pl.when("is_promoted").then(promoted).otherwise(raised),
        department=pl.when(pl.col("transfer") < TRANSFER).then(_other_department()).otherwise("department"),
    )


def _other_department() -> pl.Expr:
    """Return a drawn department that is not the present one, in proportion to the shares of hires."""
    total = sum(share for _, share, _ in DEPARTMENTS)
    found = pl.lit(None, pl.String)
    for own, own_share, _ in DEPARTMENTS:
        below, drawn_name = 0, pl.lit(None, pl.String)
        for name, share, _ in DEPARTMENTS:
            if name != own:
                below += share
                is_here = pl.col("transfer_to") * (total - own_share) < below
                drawn_name = pl.coalesce(drawn_name, pl.when(is_here).then(pl.lit(name)))
        found = pl.when(pl.col("department") == own).then(drawn_name).otherwise(found)
    return found


def _tenths(stream: str, least: float, most: float) -> pl.Expr:
    """Return a drawn share in tenths of a percent, uniform from the least to the most."""
    low, high = round(least * _TENTHS), round(most * _TENTHS)
    return low + (pl.col(stream) * (high - low + 1)).floor().cast(pl.Int64)


def _step(column: str, steps: Steps) -> pl.Expr:
    """Return what holds at a value of the column."""
    found = pl.lit(steps[0][1])
    for lowest, value in steps[1:]:
        found = pl.when(pl.col(column) >= lowest).then(value).otherwise(found)
    return found


def _completed(column: str, day: date) -> pl.Expr:
    """Return completed years on a day, by the calendar."""
    start = pl.col(column).dt
    is_before = (start.month().cast(pl.Int32) * 100 + start.day()) > day.month * 100 + day.day
    return day.year - start.year() - is_before.cast(pl.Int32)
