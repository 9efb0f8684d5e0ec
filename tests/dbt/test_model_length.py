"""A model fits on a screen or two: more than 80 lines only with a reason in its opening comment."""

import pytest

from tasks.system.project import DBT_PROJECT

LIMIT = 80
REASON = f"-- Longer than {LIMIT} lines: "


def opening_comment(sql: str) -> list[str]:
    """The comment lines before the first other line."""
    lines = sql.splitlines()
    return lines[: next((place for place, line in enumerate(lines) if not line.startswith("--")), len(lines))]


def is_too_long(sql: str) -> bool:
    """Whether a model is longer than the limit and states no reason for it."""
    has_reason = any(line.startswith(REASON) and line != REASON for line in opening_comment(sql))
    return len(sql.splitlines()) > LIMIT and not has_reason


def test_long_models_state_a_reason() -> None:
    models = sorted((DBT_PROJECT / "models").rglob("*.sql"))
    assert models
    too_long = [path.stem for path in models if is_too_long(path.read_text("utf-8"))]
    assert not too_long, f"more than {LIMIT} lines; split, or state at the top '{REASON}…': {too_long}"


def test_short_models_state_no_reason() -> None:
    models = {path.stem: path.read_text("utf-8") for path in (DBT_PROJECT / "models").rglob("*.sql")}
    needless = [name for name, sql in models.items() if REASON in sql and len(sql.splitlines()) <= LIMIT]
    assert not needless, f"these have at most {LIMIT} lines: remove the reason: {sorted(needless)}"


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("select 1\n" * 80, False),
        ("select 1\n" * 81, True),
        ("-- Grain.\n-- Longer than 80 lines: one step per raise.\n" + "select 1\n" * 80, False),
        ("-- Longer than 80 lines: \n" + "select 1\n" * 80, True),
        ("select 1\n-- Longer than 80 lines: one step per raise.\n" + "select 1\n" * 80, True),
    ],
)
def test_the_rule_sees_length_and_reason(sql: str, found: bool) -> None:
    assert is_too_long(sql) is found
