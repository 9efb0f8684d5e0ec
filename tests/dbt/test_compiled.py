"""Compiled models: the cache follows the project, and the views are those that dbt itself creates."""

from pathlib import Path

import duckdb
import pytest

from tasks.warehouse import compiled, dbt
from tasks.warehouse.compiled import (
    PLACES,
    SHARED,
    CompiledModel,
    compiled_models,
    create_views,
    needed_for,
    share_views,
)
from tests.dbt.conftest import Prepared

VIEWS = "select view_name, sql from duckdb_views() where not internal order by view_name"


@pytest.mark.slow
def test_views_are_those_that_dbt_creates(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    by_dbt = connection.execute(VIEWS).fetchall()
    tables = connection.execute(
        "select sql from duckdb_tables() where schema_name in ('inputs', 'operations') or table_name = "
        "'year_ledger'"
    ).fetchall()
    with duckdb.connect(tmp_path / "simulation.duckdb") as other:
        other.execute("attach ':memory:' as work; create schema inputs; create schema operations")
        for (statement,) in tables:
            other.execute(statement)
        create_views(other, compiled_models())
        assert other.execute(VIEWS).fetchall() == by_dbt
        counts = "select table_name from duckdb_tables() where schema_name = 'main' and estimated_size > 0"
        assert other.execute(counts).fetchall() == []
    assert len(by_dbt) > 80


@pytest.mark.slow
def test_the_cache_is_read_until_the_project_changes(
    prepared: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = 0
    compile_models = dbt.compile_models

    def counted(changes: tuple[str, ...]) -> object:
        nonlocal times
        times += 1
        return compile_models(changes)

    monkeypatch.setattr(dbt, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setattr(dbt, "compile_models", counted)
    found = compiled_models(("promotion", "cola", "merit"))
    assert compiled_models(("promotion", "cola", "merit")) == found
    assert times == 1
    (kept,) = (tmp_path / "cache").iterdir()
    kept.write_text(kept.read_text()[:1000])  # damaged
    assert compiled_models(("promotion", "cola", "merit")) == found
    assert times == 2
    monkeypatch.setattr(compiled, "_project_hash", lambda: "another state of the project")
    assert compiled_models(("promotion", "cola", "merit")) == found
    assert times == 3
    assert compiled_models(("promotion", "cola", "merit", "transfer")) != found
    assert times == 4


def test_a_folder_that_cannot_be_written_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dbt, "cache_folder", lambda: Path("/dev/null/nowhere"))
    assert len(compiled_models(("promotion", "cola", "merit"))) > 100


def test_needed_models_come_with_their_parents() -> None:
    models = compiled_models()
    names = [model.name for model in needed_for(["int_exposure"], models)]
    assert names[-1] == "int_exposure" and "int_opening_workforce" in names and "int_hires" not in names
    for place, model in enumerate(models):
        assert set(model.parents) <= {earlier.name for earlier in models[:place]}


def test_a_view_that_a_year_expands_often_is_shared() -> None:
    """Places count through views, but not through a table, and only where a year reads them."""

    def model(name: str, materialized: str, *reads: str) -> CompiledModel:
        sql = " ".join(f'from "main"."{parent}"' for parent in reads)
        return CompiledModel(name, f'"main"."{name}"', materialized, sql, "", tuple(dict.fromkeys(reads)))

    models = [
        model("paths", "view"),
        model("rates", "view", "paths"),
        model("hires", "year_table", *["rates"] * PLACES),
        model("seldom", "view", "paths"),
        model("pay", "year_append", "seldom", "hires"),
        model("page", "view", *["seldom"] * PLACES),
    ]
    shared = share_views(models)
    assert {one.name for one in shared if one.materialized == SHARED} == {"rates"}
    assert [one.name for one in shared] == [one.name for one in models]

    models[2] = model("hires", "year_table", *["rates"] * (PLACES - 1))
    shared = share_views(models)  # two places of `paths` by rates, one by seldom
    assert {one.name for one in shared if one.materialized == SHARED} == {"paths"}
