"""Generate a sample census of any size, distributed like a real workforce and reproducible by its seed.

Age and service come from a published table; department, level and pay depend on them. Every draw is a hash
that is specified here, as in the simulation, and only + − × ÷ are applied to it, so a seed gives the same
file on every machine and with every version of the libraries.
"""

from datetime import date
from pathlib import Path

import polars as pl

from settings.errors import InputError
from tasks.census.sample_draws import days_within, drawn, uniform_draws

#: Departments: name, share of employees, and seniority (-1 to 1; 0: like the company).
DEPARTMENTS = (
    ("Operations", 24, -0.35),
    ("Sales", 18, 0.00),
    ("Engineering", 16, 0.30),
    ("Customer Support", 14, -0.55),
    ("Finance", 8, 0.25),
    ("Marketing", 7, 0.10),
    ("Information Technology", 7, 0.15),
    ("Human Resources", 4, 0.05),
    ("Legal", 2, 0.60),
)
LOCATIONS = (("Chicago", 34), ("Austin", 24), ("New York", 18), ("Denver", 14), ("Remote", 10))

#: Headcounts by age (rows: lowest, highest) and completed years of service (columns), in hundreds, from
#: the Teacher Retirement System of Texas, actuarial valuation 2021 (918,539 people). Its nth year of
#: service is n - 1 completed years.
# fmt: off
SERVICE_BANDS = (
    (0, 0), (1, 1), (2, 2), (3, 3), (4, 8), (9, 13), (14, 18), (19, 23), (24, 28), (29, 33), (34, 38)
)
# fmt: on
HEADCOUNTS = (
    (18, 24, (129, 61, 19, 6, 3, 0, 0, 0, 0, 0, 0)),
    (25, 29, (181, 203, 164, 122, 168, 1, 0, 0, 0, 0, 0)),
    (30, 34, (118, 131, 113, 104, 522, 84, 1, 0, 0, 0, 0)),
    (35, 39, (93, 110, 91, 82, 383, 341, 92, 2, 0, 0, 0)),
    (40, 44, (74, 91, 77, 69, 309, 246, 305, 73, 1, 0, 0)),
    (45, 49, (61, 72, 62, 58, 266, 199, 222, 244, 53, 1, 0)),
    (50, 54, (51, 63, 54, 50, 226, 190, 200, 190, 184, 37, 1)),
    (55, 59, (38, 47, 41, 38, 172, 145, 170, 156, 97, 76, 18)),
    (60, 64, (23, 31, 28, 26, 124, 103, 124, 106, 69, 38, 31)),
    (65, 74, (15, 21, 19, 17, 82, 66, 67, 55, 40, 26, 24)),
)

#: Minimum and maximum salary of each level (from the default settings), and by lowest age the per mille of
#: employees at each level. In total, levels come near the 40, 30, 20, 8, 2 % of the default hiring mix.
SALARIES = ((56_000, 80_000), (81_000, 120_000), (121_000, 160_000), (161_000, 250_000), (275_000, 400_000))
LEVELS_BY_AGE = (
    (18, (900, 95, 5, 0, 0)),
    (25, (680, 270, 48, 2, 0)),
    (30, (470, 340, 165, 23, 2)),
    (35, (370, 340, 220, 63, 7)),
    (45, (330, 300, 240, 105, 25)),
    (55, (370, 290, 220, 95, 25)),
)
HIGHEST_SERVICE_PAY = 15  # years of service after which service no longer raises pay within the level
LEAVERS_SHARE = 0.02  # share of the census that left during the opening year
MAX_EMPLOYEES = 10_000_000

_STREAMS = (
    "age_and_service", "age", "service", "department", "location", "level", "pay", "leaves", "leaving_day"
)  # fmt: skip


def sample_census(employees: int, seed: int = 42, opening_date: date = date(2024, 12, 31)) -> pl.DataFrame:
    """Return a sample census with this number of employees, in the columns and types of a census file.

    About 2 % left during the opening year; all others are employed on the opening date. Raises InputError if
    the number is negative or above MAX_EMPLOYEES.
    """
    if not 0 <= employees <= MAX_EMPLOYEES:
        raise InputError(f"--employees {employees}: allowed: 0 to {MAX_EMPLOYEES:,}.")
    year_start = date(opening_date.year, 1, 1)
    numbers = pl.int_range(1, employees + 1, eager=True)
    people = uniform_draws("sample", seed, numbers, _STREAMS).insert_column(0, numbers.alias("number"))
    cells = pl.DataFrame(
        [
            (low, high, first, last, count)
            for low, high, counts in HEADCOUNTS
            for (first, last), count in zip(SERVICE_BANDS, counts, strict=True)
        ],
        schema=["age_low", "age_high", "service_low", "service_high", "count"],
        orient="row",
    )
    people = people.hstack(
        cells.select(pl.exclude("count"))[drawn(people["age_and_service"], cells["count"])]
    )
    days_of_age = days_within("age_low", "age_high", "age")
    # A young age with a long service from the same cell could give a hire before the age of 18.
    days_of_service = pl.min_horizontal(
        days_within("service_low", "service_high", "service"), days_of_age - 18 * 366
    ).clip(lower_bound=0)
    opening = pl.lit(opening_date)
    people = people.with_columns(
        birth_date=opening - pl.duration(days=days_of_age),
        hire_date=opening - pl.duration(days=days_of_service),
        years_of_age=days_of_age // 365.25,
        years_of_service=(days_of_service // 365.25).clip(upper_bound=HIGHEST_SERVICE_PAY),
    )
    people = with_work(people)
    first_day = pl.max_horizontal("hire_date", pl.lit(year_start))
    days = (opening - first_day).dt.total_days() + 1
    left = first_day + pl.duration(days=(pl.col("leaving_day") * days).floor().cast(pl.Int64))
    # Ids are assigned in the order of hiring, as in a personnel system.
    return people.sort("hire_date", "number").select(
        employee_id="E" + (pl.int_range(pl.len()) + 1).cast(pl.String).str.zfill(7),
        birth_date="birth_date",
        hire_date="hire_date",
        salary="salary",
        termination_date=pl.when(pl.col("leaves") < LEAVERS_SHARE).then(left),
        level="level",
        department="department",
        location="location",
    )


def write_sample(sample: pl.DataFrame, path: Path) -> None:
    """Write a sample census as CSV or Parquet, by its extension. Raises InputError for another extension."""
    suffix = path.suffix.lower()
    if suffix not in (".csv", ".parquet"):
        raise InputError(f"--output {path}: allowed: .csv or .parquet.")
    path.parent.mkdir(parents=True, exist_ok=True)
    if suffix == ".csv":
        sample.write_csv(path)
    else:
        sample.write_parquet(path)


def with_work(people: pl.DataFrame) -> pl.DataFrame:
    """Add department, location, level and salary, which depend on age, service and each other.

    `people` has the draws of streams department, location, level and pay, which the first three values
    replace, `years_of_age`, and `years_of_service` up to HIGHEST_SERVICE_PAY.
    """
    departments = pl.DataFrame(DEPARTMENTS, schema=["department", "share", "seniority"], orient="row")
    locations = pl.DataFrame(LOCATIONS, schema=["location", "share"], orient="row")
    people = people.drop("department", "location").hstack(
        departments.drop("share")[drawn(people["department"], departments["share"])]
    ).hstack(locations.drop("share")[drawn(people["location"], locations["share"])])  # fmt: skip
    # Raises the draw for senior departments and long service; 0 and 1 do not change.
    bend = (pl.col("seniority") + 0.3 * pl.col("years_of_service") / HIGHEST_SERVICE_PAY).clip(-1, 1)
    draw = pl.col("level") + bend * pl.col("level") * (1 - pl.col("level"))
    level = pl.lit(1)
    for youngest, shares in LEVELS_BY_AGE:
        bounds = [sum(shares[:count]) / 1000 for count in range(1, len(shares))]
        reached = 1 + pl.sum_horizontal(draw >= bound for bound in bounds)
        level = pl.when(pl.col("years_of_age") >= youngest).then(reached).otherwise(level)
    people = people.with_columns(level=level.cast(pl.Int32))
    ranges = pl.DataFrame(SALARIES, schema=["pay_low", "pay_high"], orient="row")
    people = people.hstack(ranges[people["level"].cast(pl.Int64) - 1])
    position = 0.6 * pl.col("pay") + 0.4 * pl.col("years_of_service") / HIGHEST_SERVICE_PAY
    # In multiples of 100.
    pay = (
        pl.col("pay_low")
        + (position * (pl.col("pay_high") - pl.col("pay_low")) / 100).floor().cast(pl.Int64) * 100
    )
    return people.with_columns(salary=pay.cast(pl.Decimal(14, 2)))
