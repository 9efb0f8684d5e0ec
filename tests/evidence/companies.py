"""Made-up companies with a known truth, as lists of employees and as a history.

A person leaves in a window with probability 1 - (1 - q)^years, where q is 0.10 x age x tenure x department
x exp(u). year effect u is a level that drifts plus an independent part. Lists are 9 to 15 months apart.
Some people are missing from one list and back on the next; a department is renamed half way; whoever comes
and goes between two lists is never seen.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from tasks.history.accepted import LEAVERS, History, Rename, joiners_schema, people_schema

Array = npt.NDArray[np.float64]
DEPARTMENTS = {"Sales": 1.35, "Field": 1.15, "IT": 1.0, "Plant": 0.8, "Finance": 0.7}
AGE_STEPS = ((0, 1.3), (25, 1.1), (35, 0.9), (45, 0.8), (59, 2.2), (64, 6.0))
TENURE_STEPS = ((0, 2.2), (1, 1.7), (2, 1.2), (4, 0.9), (8, 0.7), (15, 0.6))
BASE = 0.10


@dataclass(frozen=True)
class Company:
    """Lists with their dates, and the truth behind them."""

    history: History
    size: float  # standard deviation of the year effect
    year_effects: tuple[float, ...]

    @property
    def lists(self) -> Mapping[date, pl.DataFrame]:
        """The people of each list."""
        people = self.history.people
        return {day: people.filter(pl.col("list") == index) for index, day in enumerate(self.history.dates)}


def step(steps: tuple[tuple[int, float], ...], years: Array) -> Array:
    """Return the value of a step function at completed years."""
    bounds, values = zip(*steps, strict=True)
    return np.array(values)[np.searchsorted(np.array(bounds), years, side="right") - 1]


def truth(age: Array, tenure: Array) -> Array:
    """Return the probability per year without department and year effect."""
    return BASE * step(AGE_STEPS, age) * step(TENURE_STEPS, tenure)


def company(
    seed: int,
    *,
    people: int = 3000,
    windows: int = 8,
    gaps: float = 0.005,
    size: float | None = None,
    equal_lengths: bool = False,
) -> Company:
    """Make a company; `size` is that of its year effect, by default drawn from 0.05 to 0.25."""
    generator = np.random.default_rng(seed)
    size = float(generator.uniform(0.05, 0.25)) if size is None else size
    drift = float(generator.choice([0.0, 0.3, 0.6]))
    days = [date(2012, 12, 31)]
    for _ in range(windows):
        length = 365 if equal_lengths else int(generator.choice([365, 366, 300, 425, 365, 365]))
        days.append(days[-1] + timedelta(days=length))
    staff = _people(generator, people, days[0], None, first_id=0)
    frames, effects, level = [], [], 0.0
    away = np.zeros(people, dtype=bool)
    for index, day in enumerate(days):
        shown = staff.filter(~pl.Series(away))
        if index > windows // 2:
            shown = shown.with_columns(pl.col("department").replace("IT", "Technology"))
        frames.append(shown.with_columns(list=pl.lit(index, pl.Int32)))
        if index == windows:
            break
        years = (days[index + 1] - day).days / 365
        if index:
            level += float(np.sqrt(drift) * size * generator.standard_normal())
        effects.append(level + float(np.sqrt(1 - drift) * size * generator.standard_normal()))
        following = day + timedelta(days=1)
        yearly = truth(_completed(staff, "birth_date", following), _completed(staff, "hire_date", following))
        yearly = yearly * staff["department"].replace_strict(DEPARTMENTS).to_numpy() * np.exp(effects[-1])
        gone = generator.random(staff.height) < 1 - (1 - np.minimum(yearly, 0.999)) ** years
        stay = staff.filter(~pl.Series(gone))
        raised = stay["salary"].to_numpy() * (1 + generator.normal(0.03, 0.02, stay.height)) ** years
        stay = stay.with_columns(salary=pl.Series(raised.round(2)))
        wanted = max(round(staff.height * 1.01**years) - stay.height, 0)
        hired = _people(generator, wanted, day, days[index + 1], first_id=people + index * 10_000_000)
        staff = pl.concat([stay, hired])
        away = np.zeros(staff.height, dtype=bool)
        if index < windows - 2:
            away[: stay.height] = generator.random(stay.height) < gaps
    return Company(history_of(pl.concat(frames), days, windows), size, tuple(effects))


def history_of(people: pl.DataFrame, days: list[date], windows: int) -> History:
    """Return the history that lists of people show; `people` has column list."""
    dimensions = ("department",)
    people = people.with_columns(
        level=pl.lit(None, pl.Int32) if "level" not in people.columns else pl.col("level"),
        full_time_salary=pl.col("salary"),
        fte=pl.lit(1.0),
        row_number=pl.int_range(pl.len(), dtype=pl.Int64).over("list") + 2,
    )
    people = people.select(people_schema(dimensions).names()).cast(dict(people_schema(dimensions)))
    people = people.sort("list", "employee_id")
    keys = ["list", "employee_id"]
    is_next = people.select(pl.col("list") - 1, "employee_id")
    leavers = people.filter(pl.col("list") < windows).join(is_next, on=keys, how="anti")
    is_before = people.select(pl.col("list") + 1, "employee_id")
    first = people.group_by("employee_id").agg(first=pl.col("list").min())
    joiners = (
        people.filter(pl.col("list") > 0).join(is_before, on=keys, how="anti").join(first, on="employee_id")
    )
    names = joiners_schema(dimensions).names()
    renamed = windows // 2 + 1
    return History(
        "snapshots",
        tuple(days),
        people,
        leavers.select(
            window="list",
            employee_id="employee_id",
            exit_date=pl.lit(None, pl.Date),
            reason=pl.lit(None, pl.String),
            excluded=pl.lit(False),
        ).cast(dict(LEAVERS)),
        joiners.with_columns(
            window=pl.col("list") - 1,
            left=pl.lit(False),
            exit_date=pl.lit(None, pl.Date),
            returns=pl.col("first") < pl.col("list"),
        )
        .select(names)
        .cast(dict(joiners_schema(dimensions))),
        dimensions,
        frozenset({"birth_date", "hire_date", "salary"} | ({"level"} if people["level"].count() else set())),
        False,
        (Rename(renamed, "department", "IT", "Technology"),) if renamed <= windows else (),
        (),
        pl.DataFrame(),
        (),
    )


def _people(
    generator: np.random.Generator, number: int, opened: date, closed: date | None, first_id: int
) -> pl.DataFrame:
    """Return people employed at a date, or hired after it and by another one."""
    if closed is None:
        before = (generator.exponential(7, number).clip(0, 38) * 365.25).astype(int)
        hire = np.array([opened.toordinal() - int(each) for each in before], dtype=int)
    else:
        hire = generator.integers(opened.toordinal() + 1, closed.toordinal() + 1, number)
    age = (18 + generator.gamma(3.5, 4.2, number)).clip(18, 60)
    birth = hire - (age * 365.25).astype(int)
    return pl.DataFrame(
        {
            "employee_id": [f"{first_id + each:09d}" for each in range(number)],
            "birth_date": [date.fromordinal(int(each)) for each in birth],
            "hire_date": [date.fromordinal(int(each)) for each in hire],
            "salary": np.exp(generator.normal(10.9 if closed is None else 10.7, 0.35, number)).round(2),
            "department": generator.choice(list(DEPARTMENTS), number, p=[0.25, 0.3, 0.1, 0.25, 0.1]),
        },
        schema={
            "employee_id": pl.String,
            "birth_date": pl.Date,
            "hire_date": pl.Date,
            "salary": pl.Float64,
            "department": pl.String,
        },
    )


def _completed(staff: pl.DataFrame, column: str, day: date) -> Array:
    """Return completed years on a day, by the calendar."""
    return np.array(
        [
            day.year - start.year - ((day.month, day.day) < (start.month, start.day))
            for start in staff[column].to_list()
        ],
        dtype=float,
    )


def with_levels(made: Company, seed: int, *, promotion: float = 0.08, transfer: float = 0.03) -> Company:
    """Add levels 1 to 3, rises of a level with a raise of 10 %, and moves between departments, per window."""
    generator = np.random.default_rng(seed)
    people = made.history.people.sort("employee_id", "list")
    size = people.height
    is_first = people.select(first=pl.col("list") == pl.col("list").min().over("employee_id"))[
        "first"
    ].to_numpy()
    start = generator.choice([1, 2, 3], size, p=[0.6, 0.3, 0.1])
    rises = (generator.random(size) < promotion).astype(int)
    moves = generator.random(size) < transfer
    level, department = np.empty(size, dtype=int), people["department"].to_list()
    names = list(DEPARTMENTS)
    moved: str | None = None
    for row in range(size):
        if is_first[row]:
            level[row], moved = start[row], None
            continue
        level[row] = min(level[row - 1] + rises[row], 3)
        if moves[row]:
            moved = names[(names.index(moved or "Sales") + 1) % len(names)]
        if moved:
            renamed = moved == "IT" and "Technology" in department[row]
            department[row] = "Technology" if renamed else moved
    factor = 1.1 ** (level - 1)
    people = people.with_columns(
        level=pl.Series(level, dtype=pl.Int32),
        salary=pl.Series((people["salary"].to_numpy() * factor).round(2)),
        department=pl.Series(department),
    )
    windows = made.history.windows
    return Company(history_of(people, list(made.history.dates), windows), made.size, made.year_effects)


def write_lists(made: Company, folder: Path, id_column: str = "id") -> Path:
    """Write a list per date as CSV, as an HR system would export it; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for day, people in made.lists.items():
        columns = ["employee_id", "birth_date", "hire_date", "salary", "department"]
        columns += ["level"] if people["level"].count() else []
        people.select(columns).rename({"employee_id": id_column}).write_csv(folder / f"{day}.csv")
    return folder
