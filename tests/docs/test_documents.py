"""README and docs name only existing files, headings, commands, flags and settings."""

import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from flows.cli.main import app
from flows.cli.run import run
from settings import default_settings
from settings.loading.catalog import schema_at
from tasks.alerts.rules import RULES
from tasks.system.project import ROOT
from tests.docs.markdown import PAGES, anchors, blocks, commands, links

pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)

#: This project's modules with a command line; others, such as venv, have their own documentation.
MODULES = ("flows", "settings", "tasks", "deployments", "tests")

#: Names that look like those of models: alert rules, a column, a macro, a step of a year.
NO_MODELS = {"check_failed", "check_warned", "check_name", "check_rows", "check_year"}


def problem(words: list[str]) -> str | None:
    """Return the error in a command line of this project, or None."""
    if words[0] == "workforce":
        return _problem_of(typer.main.get_command(app), words[1:], "workforce")
    if words[1] == "-m":
        module, arguments = words[2], words[3:]
        if module.partition(".")[0] not in MODULES:
            return None
        try:
            found = importlib.util.find_spec(module)
        except ModuleNotFoundError:
            found = None
        if found is None:
            return f"there is no module {module}"
        if module == "flows.multi_year":
            single = typer.Typer()
            single.command()(run)
            return _problem_of(typer.main.get_command(single), arguments, module)
        source = Path(found.origin or "")
    else:
        source, arguments = ROOT / words[1], words[2:]
        if not source.is_file():
            return f"there is no file {words[1]}"
    text = source.read_text(encoding="utf-8")
    missing = [flag for flag in arguments if flag.startswith("--") and f'"{flag}"' not in text]
    return f"{source.name} has no {', '.join(missing)}" if missing else None


def _problem_of(command: Any, words: list[str], name: str) -> str | None:
    """Walk subcommands and flags; values, perhaps placeholders, are counted only. Typer has its own Click."""
    words = list(words)
    while hasattr(command, "commands") and words and not words[0].startswith("-"):
        word = words.pop(0)
        if word == "…":
            return None
        name = f"{name} {word}"
        if word not in command.commands:
            return f"there is no command {name}; there are: {', '.join(sorted(command.commands))}"
        command = command.commands[word]
    flags = {flag: option for option in command.params for flag in (*option.opts, *option.secondary_opts)}
    values = 0
    while words:
        word = words.pop(0)
        flag, equals, _ = word.partition("=")
        if re.match(r"--?[a-z]", word):
            option = flags.get(flag)
            if option is None and flag != "--help":
                return f"{name} has no flag {flag}; it has: {', '.join(sorted(flags))}"
            if option is not None and not option.is_flag and not equals and words:
                words.pop(0)
        elif word not in ("…", "|", ">") and not hasattr(command, "commands"):
            values += 1
    taken = [option for option in command.params if option.param_type_name == "argument"]
    if values > len(taken) and not any(argument.nargs == -1 for argument in taken):
        return f"{name} takes {len(taken)} values, {values} are given"
    return None


@pages
def test_links_have_targets(page: Path) -> None:
    dead = []
    for link in links(page):
        target, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        file = (page.parent / target).resolve() if target else page
        if not file.exists():
            dead.append(f"{link}: there is no {target}")
        elif anchor and anchor not in anchors(file):
            dead.append(
                f"{link}: {file.name} has no such heading; it has: {', '.join(sorted(anchors(file)))}"
            )
    assert not dead, "\n".join(dead)


@pages
def test_commands_exist_with_their_flags(page: Path) -> None:
    wrong = [f"{' '.join(words)}: {found}" for words in commands(page) if (found := problem(words))]
    assert not wrong, "\n".join(wrong)


def _is_free(path: tuple[str, ...]) -> bool:
    """Return whether a setting is a mapping of anything, such as parameters."""
    return bool(path) and (schema_at(_split(path)) or {}).get("additionalProperties") is True


@pages
def test_settings_in_examples_exist(page: Path) -> None:
    for block in blocks(page):
        if block.language != "yaml":
            continue
        document = yaml.safe_load(block.text)
        if "overrides" in document:
            document = document["overrides"]
        unknown = [
            ".".join(path)
            for path in _paths(document, ())
            if path and schema_at(_split(path)) is None and not _is_free(path[:-1])
        ]
        assert not unknown, f"line {block.line}: no such settings: {unknown}"


def _paths(value: object, path: tuple[str, ...]) -> list[tuple[str, ...]]:
    if isinstance(value, dict) and value:
        return [found for key, item in value.items() for found in _paths(item, (*path, str(key)))]
    return [path]


def _split(path: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part for key in path for part in key.split("."))


@pages
def test_models_named_exist(page: Path) -> None:
    there = {path.stem for path in (ROOT / "dbt_project" / "models").rglob("*.sql")}
    named = set(re.findall(r"`((?:stg|int|fct|mon|check)_\w+)`", page.read_text(encoding="utf-8")))
    of_settings = {name for name in named if schema_at(("checks", "severities", name))}
    assert named - there - of_settings - NO_MODELS <= set(), "no such model"


def test_the_files_that_the_recipes_name_exist() -> None:
    text = (ROOT / "docs" / "development.md").read_text(encoding="utf-8")
    named = set(
        re.findall(r"`((?:flows|tasks|dbt_project|settings|deployments|tests|docs)/[\w./]+\.\w+)`", text)
    )
    placeholders = {path for path in named if re.search(r"/[A-Z]+\.\w+$", path)}
    missing = sorted(path for path in named - placeholders if not (ROOT / path).exists())
    assert len(named) > 50
    assert not missing, f"docs/development.md names files that do not exist: {missing}"


def test_every_alert_rule_is_in_the_table_of_rules() -> None:
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1:3] for line in text.splitlines() if line.startswith("| ")]
    listed = {
        (name, severity.strip())
        for names, severity in rows
        for name in re.findall(r"\b[a-z]+_[a-z_]+\b", names)
    }
    missing = {(rule.name, rule.severity) for rule in RULES} - listed
    assert not missing, f"the table of rules in docs/operations.md lacks {sorted(missing)}"


def test_the_draw_in_the_docs_is_right() -> None:
    page = ROOT / "docs" / "models.md"
    (code,) = [block.text for block in blocks(page) if block.language == "python"]
    names: dict[str, Any] = {}
    exec(code, names)
    assert f"`draw` is {names['draw']}," in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("workforce shw latest", "there is no command workforce shw"),
        ("workforce runs compar a b", "there is no command workforce runs compar"),
        ("workforce report latest --pfd", "workforce report has no flag --pfd"),
        ("workforce show latest extra", "takes 1 values, 2 are given"),
        ("python -m flows.multi_year --replicate 3", "flows.multi_year has no flag --replicate"),
        ("python -m tasks.nothing", "there is no module tasks.nothing"),
        ("python tests/benchmarks/run.py --nothing", "run.py has no --nothing"),
    ],
)
def test_an_invalid_command_is_found(line: str, message: str) -> None:
    assert message in (problem(line.split()) or "")


def test_readme_commands_are_found() -> None:
    """The checks above find commands."""
    found = [words for page in PAGES for words in commands(page)]
    assert len(found) > 40
    assert any(words[:2] == ["workforce", "run"] for words in found)
    assert default_settings().workforce.levels, "schema_at knows them"
    assert schema_at(("workforce", "levels", "1", "name")) and schema_at(("workforce", "levles")) is None
