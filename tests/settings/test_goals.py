"""Goals in settings: the syntax, and what is refused with the key and what is allowed."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settings import InputError, load_settings, settings_hash
from settings.models.goals import GoalTerms, Subject, goal_terms
from settings.starter import starter_text


def loaded(tmp_path: Path, text: str) -> list[str]:
    (tmp_path / "goals.yaml").write_text(text, encoding="utf-8")
    return [goal.goal for goal in load_settings(tmp_path / "goals.yaml", environ={}).base.goals]


@given(
    figure=st.sampled_from(["payroll", "headcount", "average_pay"]),
    part=st.none()
    | st.tuples(st.sampled_from(["department", "level"]), st.sampled_from(["R & D", "a=b", "2"])),
    year=st.none() | st.integers(1900, 2200),
    amount=st.integers(-(10**6), 10**6),
    unit=st.sampled_from([("", 1), ("k", 10**3), ("M", 10**6)]),
    space=st.sampled_from(["", " "]),
)
def test_what_is_written_is_read(
    figure: str,
    part: tuple[str, str] | None,
    year: int | None,
    amount: int,
    unit: tuple[str, int],
    space: str,
) -> None:
    of_part = f"[{part[0]}{space}={space}{part[1]}]" if part else ""
    in_year = f"{space}@FY{year}" if year else ""
    text = f"{space}{figure}{of_part}{in_year}{space}>={space}{amount:,}{unit[0]}"
    assert goal_terms(text) == GoalTerms(Subject(figure, part, year), ">=", Decimal(amount * unit[1]))


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("{goal: payroll}", r"goals\.0\.goal = payroll: FIGURE\[@YEAR\] SIGN AMOUNT is expected"),
        ("{goal: pairoll<=1}", "no figure 'pairoll'; did you mean payroll"),
        ("{goal: payroll@2031<=1}", "from 2025 to 2029 is allowed, since 2031 is not simulated"),
        ("{goal: hires=1}", "a year is expected with =, as in hires@2029=1"),
        ('{goal: "payroll<=36,5M"}', "'36,5M' is not an amount; a comma stands between thousands"),
        ('{goal: "turnover<=16,5%"}', "and a point before decimals, as in 16.5"),
        ('{goal: "payroll<=1,500.5,3M"}', "is not an amount; a comma stands"),
        ("{goal: headcount<=50%}", "'50%': only total turnover is a share"),
        ("{goal: turnover<=14}", "would be 1,400 %; for per cent write 14%"),
        (
            '{goal: "hires[departmnt=Sales]<=1"}',
            "part by level, segment or dimension .* did you mean department",
        ),
        ("{gaol: hires<=1}", "unknown key; did you mean goal"),
        ("hires<=1", r"goals\.0 = hires<=1: a mapping"),
    ],
)
def test_goals_are_refused(tmp_path: Path, entry: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as refused:
        loaded(tmp_path, f"goals: [{entry}]\n")
    assert "goals.yaml, line 1" in str(refused.value)


def test_a_goal_for_a_year_that_the_flags_leave_out_names_both(tmp_path: Path) -> None:
    (tmp_path / "goals.yaml").write_text("goals: [{goal: payroll@2028<=1M}]\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"--years: .*conflicts with goals\.0\.goal = payroll@2028<=1M"):
        load_settings(tmp_path / "goals.yaml", flags={"--years": "2025-2027"}, environ={})


def test_goals_shape_no_results(tmp_path: Path) -> None:
    assert loaded(tmp_path, "goals: [{goal: payroll@FY2027<=300M, name: Plan}]\n") == ["payroll@FY2027<=300M"]
    with_goals = load_settings(tmp_path / "goals.yaml", environ={})
    assert settings_hash(with_goals) == settings_hash(load_settings(environ={}))


def test_the_starter_has_goals_commented_out() -> None:
    assert "\n# goals: []\n" in starter_text()
