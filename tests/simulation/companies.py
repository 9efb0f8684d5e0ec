"""Strategies of Hypothesis for whole small companies: employees, settings of all features, known actions."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any, TypeVar

from hypothesis import strategies as st

from settings.models.uncertainty import SINGLE_RATES, Uncertainty
from settings.models.workforce import band_labels
from tests.simulation.calendars import ANY_CALENDAR, MANDATORY_AGES, Calendar
from tests.simulation.example import DIMENSIONS, YEARS, Example, Leaver, Planned
from tests.simulation.model import Action, Company, Employee, State

T = TypeVar("T")

DEPARTMENTS = (None, "Sales", "Ops", "Åre")
LOCATIONS = (None, "Oslo")
VALUES = {"department": DEPARTMENTS, "location": LOCATIONS}
FTES = tuple(map(Decimal, ("1", "0.5", "0.8", "0.333333")))
ODD_PAY = tuple(map(Decimal, ("0.01", "56000", "80999.99")))
BY = ("department", "level", "location", "department level", "level location", "location department")
ODD_IDS = ("0001", "Ø 3", "a|b", "E", "e1", "H2027-0000001x")
ODD_BIRTHS = (
    *(date(1960, 2, 29), date(1964, 2, 29), date(1962, 1, 1), date(1961, 12, 31), date(1950, 6, 15)),
    *(date(1990, 1, 1), date(1989, 12, 31), date(2004, 2, 29)),
)
MONTH_ENDS = (date(2028, 2, 29), date(2028, 12, 31), date(2029, 6, 30))
UNKNOWN = ("unknown", "X1", "H2027-0000001")
AGE_BANDS = ((0,), (0, 30, 60), (0, 18, 19, 67))
TENURE_BANDS = ((0,), (0, 1, 3))
MONTH_DAYS = ("01-01", "02-28", "03-01", "07-01", "12-30", "12-31")


def decimals(low: str, high: str, places: int = 2) -> st.SearchStrategy[Decimal]:
    """Numbers with few decimals, which meet halves."""
    return st.decimals(low, high, places=places)


def yearly(numbers: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """One number, or one a year."""
    return st.one_of(numbers, st.fixed_dictionaries(dict.fromkeys(YEARS, numbers)))


def shares(values: Sequence[Any]) -> st.SearchStrategy[dict[Any, Decimal]]:
    """Shares of some of the values that add up to 1."""

    def add_up(found: dict[Any, int]) -> dict[Any, Decimal]:
        *first, last = found
        given = {value: Decimal(found[value]) / 64 for value in first}
        return {**given, last: 1 - sum(given.values(), Decimal(0))}

    return st.dictionaries(st.sampled_from(values), st.integers(0, 12), min_size=1, max_size=5).map(add_up)


# People.


def employee(name: str, number: int, calendar: Calendar) -> Employee:
    """An employee made from a number: Hypothesis draws one for each, and can leave employees out.

    One in three was hired in the elapsed part of the first year, if there is one.
    """
    random = Random(number)
    pay = Decimal(random.randint(2_000_000, 30_000_000)) / 100
    births = (*ODD_BIRTHS, *calendar.odd_births)
    elapsed = calendar.first_day <= calendar.opening and random.random() < 1 / 3
    earliest = calendar.first_day if elapsed else date(2007, 1, 1)
    hired = day_of(random, earliest, calendar.opening)
    return Employee(
        name,
        one_of(random, births, day_of(random, date(1955, 1, 1), date(2006, 12, 31))),
        hired if elapsed else one_of(random, calendar.odd_hires, hired),
        State(
            pay=one_of(random, ODD_PAY, pay),
            fte=random.choice(FTES),
            level=random.choice((1, 1, 1, 2, 2, 3, 5)),
            place=(random.choice(DEPARTMENTS[:3]), random.choice(LOCATIONS)),
        ),
    )


def day_of(random: Random, low: date, high: date) -> date:
    """A day of a period."""
    return date.fromordinal(random.randint(low.toordinal(), high.toordinal()))


def one_of(random: Random, odd: Sequence[T], other: T) -> T:
    """An odd value, or as often another."""
    return random.choice((random.choice(odd), other))


@st.composite
def employees(draw: st.DrawFn, names: Sequence[str], most: int, calendar: Calendar) -> tuple[Employee, ...]:
    """Employees with the first of the names."""
    count = draw(st.integers(0, most))
    numbers = draw(st.lists(st.integers(0, 2**32 - 1), min_size=count, max_size=count))
    return tuple(employee(name, number, calendar) for name, number in zip(names, numbers, strict=False))


@st.composite
def companies(draw: st.DrawFn, calendar: Calendar) -> Company:
    """None to 40 employees."""
    names = [*ODD_IDS, *(f"E{number}" for number in range(40))]
    return Company(DIMENSIONS, draw(employees(names, 40, calendar)), (), ())


@st.composite
def leavers(draw: st.DrawFn, calendar: Calendar) -> tuple[Leaver, ...]:
    """Up to three people whom the census has, and who left before the opening."""
    found = draw(employees(("X1", "X2", "H2027-0000002"), 3, calendar))
    days = (calendar.opening, date(2026, 2, 28))
    return tuple(Leaver(one, max(one.hired, draw(st.sampled_from(days)))) for one in found)


# Settings.

multipliers = decimals("0", "4", 1)
months = st.one_of(
    st.lists(st.integers(0, 3).map(Decimal), min_size=12, max_size=12).filter(any),
    st.integers(0, 11).map(lambda only: [Decimal(month == only) for month in range(12)]),
)


Labels = tuple[tuple[str, ...], tuple[str, ...]]


def factors(labels: Labels) -> st.SearchStrategy[dict[str, Any]]:
    """Multipliers by some values of some attributes; `labels` are those of the age and tenure bands."""
    values: dict[str, tuple[str, ...]] = {
        "age": labels[0],
        "tenure": labels[1],
        "level": ("1", "2", "5"),
        "department": ("Sales", "Ops", "null"),
        "location": ("Oslo", "null"),
    }
    return st.fixed_dictionaries(
        {},
        optional={
            name: st.dictionaries(st.sampled_from(those), multipliers, min_size=1, max_size=2)
            for name, those in values.items()
        },
    )


def rates() -> st.SearchStrategy[Any]:
    """Base hazards: none, certain, and in between."""
    return yearly(st.sampled_from(list(map(Decimal, ("0", "0.05", "0.1", "0.3", "1")))))


def causes(labels: Labels) -> st.SearchStrategy[dict[str, Any]]:
    """One to three causes."""
    cause = st.fixed_dictionaries(
        {"base": rates(), "factors": factors(labels)},
        optional={
            "eligible": st.fixed_dictionaries(
                {}, optional={"min_age": st.integers(20, 66), "min_tenure": st.integers(0, 10)}
            ),
            "mandatory_age": st.sampled_from(MANDATORY_AGES),
        },
    )
    return st.fixed_dictionaries({"voluntary": cause}, optional={"retirement": cause, "health": cause}).map(
        _somebody_is_eligible
    )


def _somebody_is_eligible(causes: dict[str, Any]) -> dict[str, Any]:
    """Lower each least age below the mandatory ages: the settings refuse a cause that nobody can have."""
    oldest = (
        min((cause["mandatory_age"] for cause in causes.values() if "mandatory_age" in cause), default=100)
        - 1
    )
    for cause in causes.values():
        least = cause.get("eligible", {})
        if "min_age" in least:
            cause["eligible"] = {**least, "min_age": min(least["min_age"], oldest)}
    return causes


#: Growth of up to +300 % in one year, and moderate in the others: the model is slow for thousands.
growths = st.one_of(
    yearly(decimals("-0.6", "0.4")),
    st.sampled_from((Decimal("-0.3"), Decimal("-0.6"))),
    st.tuples(st.sampled_from(YEARS), decimals("-1", "3"), decimals("-0.3", "0.3")).map(
        lambda one: {year: one[1] if year == one[0] else one[2] for year in YEARS}
    ),
)
small_rates = st.sampled_from(list(map(Decimal, ("0", "0.1", "0.25", "0.333", "0.5"))))


@st.composite
def targets(draw: st.DrawFn, *, only_turnover: bool) -> dict[str, Any]:
    """Segments by one or two attributes; with given hires they have turnover alone."""
    by = draw(st.sampled_from(BY)).split()
    values: dict[str, Sequence[str | None]] = {**VALUES, "level": ("1", "2", "3", "5")}
    places = st.tuples(*(st.sampled_from(values[name]) for name in by))
    chosen = draw(st.lists(places, min_size=1, max_size=3, unique=True))
    wheres = [dict(zip(by, place, strict=True)) for place in chosen]
    if len(by) > 1 and draw(st.booleans()):  # the first names one attribute only, and no other overlaps it
        first = {by[0]: wheres[0][by[0]]}
        wheres = [first, *(one for one in wheres if one[by[0]] != first[by[0]])]
    found = []
    for where in wheres:
        kind = "turnover" if only_turnover else draw(st.sampled_from(("growth", "headcount", "turnover")))
        segment: dict[str, Any] = {"where": where}
        if kind == "growth":
            segment["growth"] = draw(growths)
        if kind == "headcount":
            segment["headcount"] = draw(yearly(st.integers(0, 12)))
        if kind == "turnover" or draw(st.booleans()):
            segment["termination_rate"] = draw(yearly(small_rates))
        found.append(segment)
    others = "same" if only_turnover else draw(st.sampled_from(("same", "balance")))
    return {"by": by, "segments": found, "others": others}


def overrides(
    labels: Labels, required: Mapping[str, Any], calendar: Calendar
) -> st.SearchStrategy[dict[str, Any]]:
    """Settings by dotted key: any combination of features, the others as by default."""
    mix = st.lists(
        st.fixed_dictionaries({name: st.sampled_from(values) for name, values in VALUES.items()}),
        min_size=1,
        max_size=3,
        unique_by=lambda one: (one["department"], one["location"]),
    ).map(
        lambda rows: [
            {"values": row, "share": Decimal("0.25") if place else 1 - Decimal("0.25") * (len(rows) - 1)}
            for place, row in enumerate(rows)
        ]
    )  # fmt: skip
    dates = shares([*MONTH_DAYS, *calendar.odd_month_days])
    transfer = st.fixed_dictionaries(
        {"base": rates(), "by": st.sampled_from(DIMENSIONS)}, optional={"factors": factors(labels)}
    ).flatmap(
        lambda one: st.one_of(
            st.none(), shares([*(value or "null" for value in VALUES[str(one["by"])]), "Nobody's"])
        ).map(lambda to: {**one, "to": to})
    )
    optional = {
        "simulation.mode": st.sampled_from(("exact", "expected", "rates")),
        "simulation.target_growth_rate": growths,
        "workforce.total_termination_rate": yearly(small_rates),
        "workforce.new_hire_termination_rate": yearly(small_rates),
        "workforce.termination": causes(labels),
        "workforce.promotion.base": rates(),
        "workforce.promotion.factors": factors(labels),
        "workforce.promotion.level_damping": small_rates,
        "workforce.transfer": transfer,
        "workforce.termination_months": months,
        "compensation.cola_rate": yearly(decimals("-0.1", "0.1", 3)),
        "compensation.merit_budget": yearly(decimals("0", "0.1", 3)),
        "compensation.merit_spread": small_rates,
        "compensation.eligibility_cutoff": st.fixed_dictionaries(
            {"month": st.integers(1, 12), "day": st.integers(1, 28), "year_offset": st.integers(-1, 0)}
        ),
        "compensation.effective_dates": st.fixed_dictionaries(
            {"cola": dates, "promotion": dates, "merit": dates}
        ),
        "compensation.enforce_minimum": st.booleans(),
        "hiring.months": months,
        "hiring.level_mix": shares((1, 2, 3, 4, 5)),
        "hiring.dimension_mix": mix,
        "hiring.fte_mix": shares(FTES),
    }
    always = {key: optional.pop(key, found) for key, found in required.items()}
    return st.fixed_dictionaries(always, optional=optional)


@st.composite
def scenarios(draw: st.DrawFn, calendar: Calendar) -> dict[str, Any]:
    """What a scenario changes in the default settings."""
    age: tuple[int, ...] = (0, 25, 35, 45, 55, 65)
    tenure: tuple[int, ...] = (0, 2, 5, 10, 20)
    required = {}
    if draw(st.integers(0, 3)) == 0:  # the factors of the default settings name other bands
        age, tenure = draw(st.sampled_from(AGE_BANDS)), draw(st.sampled_from(TENURE_BANDS))
        required = {
            "workforce.age_bands": st.just(list(age)),
            "workforce.tenure_bands": st.just(list(tenure)),
            "workforce.termination": None,
            "workforce.promotion.factors": None,
        }
    changed: dict[str, Any] = draw(overrides((band_labels(age), band_labels(tenure)), required, calendar))
    given_hires = draw(st.integers(0, 3)) == 3
    if given_hires:
        changed["hiring.hires"] = draw(yearly(st.integers(0, 15)))
    if draw(st.integers(0, 3)) < 3:
        changed["targets"] = draw(targets(only_turnover=given_hires))
    return changed


# Known actions.


def action(company: Company, number: int, seed: int, calendar: Calendar, *, crowded: bool) -> Action:
    """An action made from a number: of any kind, on an odd day rather often, about somebody perhaps unknown.

    If `crowded`, about one of two people, on one of four days.
    """
    random = Random(seed)
    kind = random.choice(("leave", "hire", "promote", "transfer", "raise", "fte"))
    people = company.employees[: 2 if crowded else None]
    hires = (f"K{number - 1}", f"H{random.choice(calendar.years)}-A{number - 1}-1")
    others = (*hires, *UNKNOWN[: 1 if people else None])
    who: str | None = random.choice((*(one.employee_id for one in people), *others))
    odd = calendar.odd_days
    day = (
        random.choice(odd[:4])
        if crowded
        else one_of(
            random, [*odd, *MONTH_ENDS, calendar.opening], day_of(random, date(2026, 6, 1), date(2030, 3, 1))
        )
    )
    salary = random.choice((None, Decimal(random.randint(2_000_000, 30_000_000)) / 100))
    fte = random.choice((None, *FTES))
    place = {"department": random.choice(("Sales", "Åre", "New")), "location": "Oslo"}
    for name in random.choice(((), ("department",), ("location",))):
        del place[name]
    rest: dict[str, Any] = {}
    match kind:
        case "leave":
            rest["cause"] = random.choice((None, "voluntary"))
            if reached := [
                day for one in people if one.employee_id == who for day in mandatory_days(one, calendar)
            ]:
                day = random.choice(reached)
        case "hire":
            who = random.choice((None, f"K{number}"))
            rest["count"] = random.randint(1, 3) if who is None else 1
            rest |= {"level": random.choice((None, 1, 2, 5)), "salary": salary, "fte": fte}
            rest["dimensions"] = random.choice((place, {}))
        case "promote":
            rest |= {"level": random.choice((None, 2, 4)), "salary": salary}
            rest["is_full_time_salary"] = random.random() < 0.5
        case "transfer":
            rest["dimensions"] = place
        case "raise":
            rest["salary"] = salary or Decimal(100_000)
            rest["is_full_time_salary"] = random.random() < 0.5
        case "fte":
            rest["fte"] = fte or Decimal(1)
    probability = random.choice(list(map(Decimal, ("1", "1", "1", "0.5", "0"))))
    return Action(f"A{number}", kind, day, who, probability=probability, **rest)


def mandatory_days(employee: Employee, calendar: Calendar) -> list[date]:
    """The days of the run on which somebody can reach a mandatory age."""
    days = [
        date.fromordinal(date(year + month // 12, month % 12 + 1, 1).toordinal() - 1)
        for year, month in ((employee.birth.year + age, employee.birth.month) for age in MANDATORY_AGES)
    ]
    return [day for day in days if calendar.fiscal.year_of(day) in calendar.years]


def allowed(found: Sequence[Planned], calendar: Calendar) -> tuple[Planned, ...]:
    """Without a second promotion and a fifth other change of an employee in a year.

    Nor with a promotion or transfer in the year of a known hire.
    """
    year_of = calendar.fiscal.year_of
    hired = {
        (name, year_of(one.action.day))
        for one in found
        if one.action.action == "hire"
        for name in (one.action.employee_id, f"H{year_of(one.action.day)}-{one.action.action_id}-1")
    }
    kept: list[Planned] = []
    for one in found:
        who, year = one.action.employee_id, year_of(one.action.day)
        if one.action.action in ("promote", "transfer") and (who, year) in hired:
            continue
        mine = [
            other.action.action
            for other in kept
            if other.action.employee_id == who and year_of(other.action.day) == year
        ]
        others = sum(kind in ("transfer", "raise", "fte") for kind in mine)
        if one.action.action == "promote" and "promote" in mine:
            continue
        if one.action.action in ("transfer", "raise", "fte") and others == 4:
            continue
        kept.append(one)
    return tuple(kept)


varying = st.lists(st.sampled_from(("chance", "parameters", "years")), unique=True)
#: What may vary: bases and factors, also of values that the settings do not name, or that nobody has.
PARAMETERS = (
    *({"rate": rate} for rate in ("promotion", "transfer", *SINGLE_RATES)),
    *({"rate": "termination", "cause": cause} for cause in ("voluntary", "retirement")),
    *(
        {"rate": rate, "attribute": attribute, "value": value}
        for rate in ("promotion", "transfer")
        for attribute, value in (
            ("age", "<30"),
            ("level", "1"),
            ("department", "Sales"),
            ("location", "null"),
        )
    ),
    *(
        {"rate": "termination", "cause": "voluntary", "attribute": attribute, "value": value}
        for attribute, value in (
            *(("age", "0+"), ("age", "30-59"), ("tenure", "<1"), ("tenure", "3+"), ("level", "2")),
            *(("department", "Ops"), ("department", "null"), ("location", "Oslo")),
        )
    ),
)
YEAR_RATES = ("termination", "new_hire_termination", "promotion", "transfer", "raises")


@st.composite
def uncertainties(draw: st.DrawFn) -> Uncertainty:
    """Some parameters that vary together, and year effects of one or two sizes; effects reach bounds."""
    parameters = draw(st.lists(st.sampled_from(PARAMETERS), unique_by=str))
    random = Random(draw(st.integers(0, 2**32 - 1)))
    size = len(parameters)
    roots = [[random.gauss(0, 0.3) for _ in range(size)] for _ in range(size)]
    covariance = [[sum(a * b for a, b in zip(one, other, strict=True)) for other in roots] for one in roots]
    effects = []
    for rate in draw(st.lists(st.sampled_from(YEAR_RATES), unique=True)):
        keys = ("level_sd", "walk_sd", "independent_sd")
        scales = [{"level_mean": random.gauss(0, 0.2), **{key: random.uniform(0, 0.5) for key in keys}}]
        scales += [{"level_mean": 0.0, **{key: random.uniform(0, 0.1) for key in keys}}]
        chances = random.choice(((0.25, 0.75), (0.5, 0.5), (1.0, 0.0)))
        effects.append(
            {
                "rate": rate,
                "scales": [
                    {"probability": chance, **scale} for chance, scale in zip(chances, scales, strict=True)
                ],
            }
        )
    return Uncertainty.model_validate(
        {
            "format": 1,
            "history": {"sha256": "none", "until": "2026-12-31", "lists": 3},
            "parameters": parameters,
            "covariance": covariance,
            "year_effects": effects,
        }
    )


@st.composite
def examples(
    draw: st.DrawFn,
    *,
    all_changes: bool = False,
    most_scenarios: int = 6,
    uncertain: bool = False,
    when: st.SearchStrategy[Calendar] = ANY_CALENDAR,
) -> Example:
    """A company with some scenarios, and some known actions, of a calendar drawn by `when`.

    Further scenarios cost little time. With `all_changes`, each example has every kind of change, so that
    all are simulated by the same statements, which take seconds to compile. With `uncertain`, each has
    uncertain assumptions.
    """
    calendar = draw(when)
    company = draw(companies(calendar))
    seed = draw(st.one_of(st.just(42), st.integers(0, 2**63 - 1)))
    changed = {
        f"s{number}": draw(scenarios(calendar)) for number in range(draw(st.integers(1, most_scenarios)))
    }
    count = draw(st.sampled_from((8, 16, 24) if all_changes else (0, 8, 16, 24)))
    crowded = draw(st.booleans())
    if all_changes:
        changed["s0"]["compensation.enforce_minimum"] = True
        changed["s0"].setdefault("workforce.transfer", {"base": Decimal("0.3"), "by": "location"})
    seeds = draw(st.lists(st.integers(0, 2**32 - 1), min_size=count, max_size=count))
    plan = [
        Planned(
            action(company, number, seed, calendar, crowded=crowded),
            draw(st.sampled_from((None, None, *changed))),
        )
        for number, seed in enumerate(seeds)
    ]
    seeded = {
        name: {**one, **calendar.settings, "simulation.random_seed": seed} for name, one in changed.items()
    }
    uncertainty = draw(uncertainties() if uncertain else st.none() | uncertainties())
    if uncertainty:
        shared = {"simulation.vary": draw(varying), "simulation.first_replicate": draw(st.integers(1, 9))}
        seeded = {name: {**one, **shared} for name, one in seeded.items()}
    return Example(company, draw(leavers(calendar)), seeded, allowed(plan, calendar), uncertainty)
