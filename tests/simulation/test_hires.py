"""Who is hired: ids, apportionment over levels and dimensions, ages, dates and pay."""

from collections import Counter
from datetime import date
from decimal import Decimal
from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from tests.simulate import Finished
from tests.simulation.conftest import PathYear
from tests.simulation.model import draw, largest_remainder

DIMENSIONS = ("department", "location")

Combination = tuple[str | None, ...]


def by_text(combination: Combination) -> tuple[tuple[bool, bytes], ...]:
    """The order of combinations: by the bytes of their text, null last."""
    return tuple((value is None, (value or "").encode()) for value in combination)


def combination_weights(path_year: PathYear, finished: Finished) -> dict[Combination, Decimal | int]:
    mix = finished.settings(path_year.scenario_id).hiring.dimension_mix
    weights: dict[Combination, Decimal | int] = (
        {tuple(entry.values.get(name) for name in DIMENSIONS): entry.share for entry in mix}
        if mix
        else dict(Counter(tuple(row[name] for name in DIMENSIONS) for row in path_year.opening.values()))
    )
    return {combination: weights[combination] for combination in sorted(weights, key=by_text)}


def test_ids_are_numbered_from_one_in_every_path(path_years: list[PathYear]) -> None:
    for path_year in path_years:
        expected = [f"H{path_year.year}-{number:07d}" for number in range(1, len(path_year.hires) + 1)]
        assert sorted(path_year.hires) == expected


def test_levels_are_apportioned_by_largest_remainder(path_years: list[PathYear], finished: Finished) -> None:
    """... and the level is that of the hire event, in the order of the ids."""
    for path_year in path_years:
        mix = finished.settings(path_year.scenario_id).hiring.level_mix
        seats = largest_remainder(len(path_year.hires), {level: mix[level] for level in sorted(mix)})
        expected = [level for level in sorted(seats) for _ in range(seats[level])]
        found = []
        for name in sorted(path_year.hires):
            event = path_year.histories[name].event("hire")
            assert event is not None
            found.append(event["level_after"])
        assert found == expected


def test_dimensions_are_apportioned_and_paired_by_draw(
    path_years: list[PathYear], finished: Finished
) -> None:
    for path_year in path_years:
        if not path_year.hires:
            continue
        weights = combination_weights(path_year, finished)
        seats = largest_remainder(len(path_year.hires), weights)
        expected = [combination for combination in weights for _ in range(seats[combination])]
        in_order_of_draw = sorted(
            path_year.hires,
            key=lambda name: (
                draw(finished.seed, path_year.year, path_year.replicate, "hire_dimensions", name),
                name,
            ),
        )
        found = [
            tuple(path_year.hires[name][dimension] for dimension in DIMENSIONS) for name in in_order_of_draw
        ]
        assert found == expected


def test_ages_dates_and_pay_are_drawn_as_settings_say(path_years: list[PathYear], finished: Finished) -> None:
    for path_year in path_years:
        settings = finished.settings(path_year.scenario_id)
        ages = sorted(settings.hiring.age_weights)
        cumulated = [float(share) for share in accumulate(settings.hiring.age_weights[age] for age in ages)]
        year = path_year.year
        days = (date(year, 12, 31) - date(year, 1, 1)).days
        for name, row in path_year.hires.items():
            uniform = {
                stream: draw(finished.seed, year, path_year.replicate, stream, name)
                for stream in ("hire_age", "hire_birthday", "hire_date", "hire_salary")
            }
            age = ages[sum(uniform["hire_age"] >= bound for bound in cumulated)]
            assert row["age"] == age
            assert row["birth_date"].toordinal() == date(year - age, 1, 1).toordinal() - int(
                uniform["hire_birthday"] * 365
            )
            assert row["hire_date"].toordinal() == date(year, 1, 1).toordinal() + int(
                uniform["hire_date"] * days
            )
            event = path_year.histories[name].event("hire")
            assert event is not None
            level = settings.workforce.levels[event["level_after"]]
            low, high = level.min_salary.at(year), level.max_salary.at(year)
            assert low <= event["salary_after"] <= high
            # the draw counts with six decimals
            assert abs(event["salary_after"] - low - (high - low) * Decimal(uniform["hire_salary"])) <= (
                (high - low) * Decimal("0.0000005") + Decimal("0.005")
            )


@given(
    st.integers(0, 10_000),
    st.dictionaries(st.integers(0, 60), st.integers(0, 1_000_000), min_size=1).filter(
        lambda w: any(w.values())
    ),
)
def test_largest_remainder_satisfies_quota(seats: int, weights: dict[int, int]) -> None:
    """The model that hires are compared with assigns all seats, each share up to rounding."""
    given_seats = largest_remainder(seats, weights)
    total = sum(weights.values())
    assert sum(given_seats.values()) == seats
    for key, weight in weights.items():
        assert seats * weight // total <= given_seats[key] <= -(-seats * weight // total)
