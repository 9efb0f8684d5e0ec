"""The YAML of every model agrees with the relation that dbt builds."""

from pathlib import Path
from typing import Any

import duckdb
import pytest

from tasks.system.project import DBT_PROJECT
from tasks.warehouse.data_dictionary import PAGE, data_dictionary
from tasks.warehouse.dbt import manifest
from tests.dbt.conftest import DIMENSIONS, Prepared

#: These pass on the dimensions of the census, which the YAML cannot name.
WITH_DIMENSIONS = (
    "fct_actual_months",
    "stg_dimension_combinations",
    "fct_workforce_snapshot",
    "fct_month_summary",
    "fct_workforce_events",
)


@pytest.fixture(scope="module")
def models() -> dict[str, Any]:
    return {node.name: node for node in manifest().nodes.values() if node.resource_type == "model"}


@pytest.fixture(scope="module")
def data_tests() -> dict[str, Any]:
    return {node.name: node for node in manifest().nodes.values() if node.resource_type == "test"}


def test_every_model_has_its_yaml_beside_it(models: dict[str, Any]) -> None:
    for name, node in models.items():
        sql = DBT_PROJECT / node.original_file_path
        assert sql.with_suffix(".yml").is_file(), (
            f"{name}: there is no {sql.with_suffix('.yml').name} beside it"
        )
        assert Path(node.patch_path.removeprefix("workforce://")).stem == name
    stray = {path.stem for path in (DBT_PROJECT / "models").rglob("*.yml")} - set(models) - {"sources"}
    assert not stray, f"YAML without a model: {sorted(stray)}"


def test_every_model_and_column_is_described(models: dict[str, Any]) -> None:
    bare = [name for name, node in models.items() if not node.description.strip()]
    bare += [
        f"{name}.{column.name}"
        for name, node in models.items()
        for column in node.columns.values()
        if not column.description.strip()
    ]
    assert not bare, f"without description: {bare}"


def test_every_source_is_described() -> None:
    assert not [source.name for source in manifest().sources.values() if not source.description.strip()]


@pytest.mark.slow  # a run of its own
def test_documented_columns_are_those_of_the_relation(
    models: dict[str, Any], connection: duckdb.DuckDBPyConnection
) -> None:
    differences = []
    for name, node in models.items():
        found = {column[0] for column in connection.execute(f"describe {node.relation_name}").fetchall()}
        if name in WITH_DIMENSIONS:
            found -= {
                f"{dimension}{moment}" for dimension in DIMENSIONS for moment in ("", "_before", "_after")
            }
        documented = set(node.columns)
        differences += [f"{name}.{column} is not documented" for column in sorted(found - documented)]
        differences += [f"{name}.{column} does not exist" for column in sorted(documented - found)]
    assert not differences, "\n".join(differences)


def test_tables_that_stay_and_marts_have_contracts(models: dict[str, Any]) -> None:
    without = [
        name
        for name, node in models.items()
        if (node.config.materialized == "year_append" or node.fqn[1] == "marts")
        and not node.config.contract.enforced
        and name not in WITH_DIMENSIONS
    ]
    assert not without, f"without an enforced contract: {without}"


@pytest.mark.slow  # a run of its own
def test_contracts_hold_in_the_database(
    models: dict[str, Any], connection: duckdb.DuckDBPyConnection
) -> None:
    differences = []
    for name, node in models.items():
        if not node.config.contract.enforced:
            continue
        actual = {
            column: (data_type.lower(), nullable)
            for column, data_type, nullable in connection.execute(
                "select column_name, data_type, is_nullable from duckdb_columns() where table_name = ?",
                [name],
            ).fetchall()
        }
        for column in node.columns.values():
            data_type, nullable = actual[column.name]
            if data_type != column.data_type.replace(" ", "").lower():
                differences.append(
                    f"{name}.{column.name} is {data_type}, the contract says {column.data_type}"
                )
            is_table = node.config.materialized != "view"
            if is_table and nullable == any(rule.type == "not_null" for rule in column.constraints):
                differences.append(f"{name}.{column.name}: not_null differs from the contract")
    assert not differences, "\n".join(differences)


def test_tests_of_growing_tables_read_one_year(models: dict[str, Any], data_tests: dict[str, Any]) -> None:
    growing = {node.unique_id for node in models.values() if node.config.materialized == "year_append"}
    reads_all_years = [
        name
        for name, node in data_tests.items()
        if growing & set(node.depends_on.nodes)
        and models["stg_control"].unique_id not in node.depends_on.nodes
    ]
    assert not reads_all_years, f"the cost of these grows with the years: {reads_all_years}"


@pytest.mark.slow
def test_a_year_repeats_no_test_of_the_inputs(prepared: Prepared, data_tests: dict[str, Any]) -> None:
    first, year = (
        {result.name for result in results if result.kind == "test"}
        for results in (prepared.first_build, prepared.year_build)
    )
    assert first == set(data_tests), "the first build runs every data test"
    reads_models = {
        name
        for name, node in data_tests.items()
        if any(key.startswith("model.") for key in node.depends_on.nodes)
    }
    assert year == reads_models


def test_the_data_dictionary_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == data_dictionary(), "run: python -m tasks.warehouse.data_dictionary"
