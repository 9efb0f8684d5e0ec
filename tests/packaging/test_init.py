"""`workforce init`: a folder to begin with, written whole or not at all."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli import init
from flows.cli.main import app
from settings import InputError, default_settings, load_settings, settings_document, settings_hash
from settings.loading.catalog import schema_at
from settings.loading.document import leaves
from settings.starter import HEAD, starter_text
from tasks.runs.request import RunRequest, accept
from tasks.system.project import EXAMPLES


def _init(folder: Path) -> str:
    done = CliRunner().invoke(app, ["init", str(folder)])
    if isinstance(done.exception, InputError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


def test_a_folder_with_settings_scenarios_actions_and_a_readme_of_six_lines(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "plan"
    said = _init(folder)
    examples = sorted(file.name for file in (EXAMPLES / "scenarios").iterdir())
    assert sorted(file.name for file in (folder / "scenarios").iterdir()) == examples
    assert sorted(file.name for file in folder.iterdir()) == [
        "README.md", "actions.csv", "scenarios", "settings.yaml",
    ]  # fmt: skip
    assert len((folder / "README.md").read_text().splitlines()) == 6
    assert said.splitlines()[-1] == f"Next: cd {folder} && workforce run --config settings.yaml"
    resolved = load_settings(folder / "settings.yaml", scenarios=(folder / "scenarios" / "growth.yaml",))
    assert resolved.scenarios[0].id == "growth"
    accepted = accept(RunRequest(folder / "settings.yaml", actions=folder / "actions.csv"))
    assert accepted.plans.files["baseline"].rows.is_empty(), "the template is a file without actions"


def test_the_settings_are_the_defaults(tmp_path: Path) -> None:
    _init(tmp_path)
    resolved = load_settings(tmp_path / "settings.yaml")
    assert settings_document(resolved.base) == settings_document(default_settings())
    assert settings_hash(resolved) == settings_hash(load_settings(None))
    given = {key for key, origin in resolved.provenance.items() if origin.layer == "file"}
    assert "workforce.levels.1.name" in given and "cost.benefits.rate" in given
    assert not any(key.startswith(("alerts", "sla", "deployment", "machine")) for key in given)


def test_what_is_commented_out_is_the_defaults_too(tmp_path: Path) -> None:
    """Everything set, the file names every setting with its default."""
    body = re.sub(r"^# (?=\w+:( \[\])?$|  )", "", starter_text().removeprefix(HEAD), flags=re.MULTILINE)
    (tmp_path / "settings.yaml").write_text(body)
    resolved = load_settings(tmp_path / "settings.yaml")
    assert settings_document(resolved.base) == settings_document(default_settings())
    empty = {"census.columns", "history.columns", "ensemble.precision"}
    given = {key for key, origin in resolved.provenance.items() if origin.layer == "file"}
    assert given | empty >= leaves(settings_document(default_settings())).keys()


def test_every_setting_has_its_description() -> None:
    text = " ".join(starter_text().replace("#", " ").split())
    for key in leaves(settings_document(default_settings())):
        if key.startswith("workforce.levels."):  # an entry of a mapping
            continue
        schema = schema_at(tuple(key.split(".")))
        assert schema and " ".join(schema["description"].split()) in text, key


@pytest.mark.parametrize("existing", ["settings.yaml", "README.md", "scenarios/growth.yaml"])
def test_nothing_is_overwritten_and_nothing_else_written(existing: str, tmp_path: Path) -> None:
    file = tmp_path / existing
    file.parent.mkdir(exist_ok=True)
    file.write_text("mine")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(InputError, match=f"already exists: .*{existing}"):
        _init(tmp_path)
    assert sorted(tmp_path.rglob("*")) == before
    assert file.read_text() == "mine"


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="file is a file; a folder is expected"):
        _init(tmp_path / "file" / "plan")


def test_a_folder_that_may_not_be_written_to_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **_options: object) -> None:
        raise PermissionError(13, "Permission denied")  # root, who may run these tests, writes anywhere

    monkeypatch.setattr(Path, "mkdir", refuse)
    done = CliRunner().invoke(app, ["init", str(tmp_path / "plan")])
    assert isinstance(done.exception, InputError)
    assert str(done.exception) == f"{tmp_path / 'plan'} cannot be written to. Nothing was written"


def test_a_failure_half_way_leaves_nothing(tmp_path: Path) -> None:
    files = {"settings.yaml": "a", "scenarios/one.yaml": "b", "README.md": "\udcff"}  # not to be encoded
    with pytest.raises(UnicodeEncodeError):
        init.write_new(tmp_path / "new" / "plan", files)
    assert not [*tmp_path.iterdir()]


def test_a_failure_as_files_are_moved_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    move = Path.rename

    def rename(self: Path, target: Path) -> Path:
        if target.name == "README.md":
            raise OSError("disk full")
        return move(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    (tmp_path / "mine").write_text("")
    with pytest.raises(OSError, match="disk full"):
        init.write_new(tmp_path, {"settings.yaml": "a", "scenarios/one.yaml": "b", "README.md": "c"})
    assert [file.name for file in tmp_path.iterdir()] == ["mine"]
