"""Settings become tables without losing a digit or letter, by one statement per table."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from unittest.mock import Mock

import duckdb
import polars as pl
import yaml

from settings import load_settings
from tasks.census.read import Census
from tasks.warehouse.inputs import write_inputs

NOBODY = Census(
    employees=pl.DataFrame(
        schema={
            "employee_id": pl.String,
            "birth_date": pl.Date,
            "hire_date": pl.Date,
            "termination_date": pl.Date,
            "level": pl.Int32,
            "level_inferred": pl.Boolean,
            "salary": pl.Decimal(14, 2),
        }
    ),
    rejects=pl.DataFrame(),
    rows_read=0,
    skipped_terminated=0,
    dimensions=(),
    dropped_columns=(),
    sha256="",
)


def test_no_digit_is_lost(tmp_path: Path) -> None:
    overrides = {
        "simulation.target_growth_rate": "-0.000000000001",
        "workforce.total_termination_rate": "1E-12",
        "workforce.new_hire_termination_rate": "0.999999999999",
        "compensation.cola_rate": "-0.123456",
        "workforce.levels.1": {"name": "d'Or “1”\\ 日本", "min_salary": "0.01", "max_salary": "999999999.99"},
        "workforce.termination.voluntary.base": "0.000000000001",
    }
    scenario = tmp_path / "s.yaml"
    scenario.write_text(yaml.safe_dump({"id": "s", "overrides": overrides}), "utf-8")
    connection = duckdb.connect()
    write_inputs(connection, load_settings(scenarios=[scenario], environ={}).scenarios, range(1, 2), NOBODY)
    assert connection.execute(
        "select distinct target_growth_rate, total_termination_rate, new_hire_termination_rate, cola_rate, "
        "promotion_base_hazard, merit_spread from inputs.yearly_parameters"
    ).fetchall() == [
        tuple(
            Decimal(number)
            for number in ("-0.000000000001", "1E-12", "0.999999999999", "-0.123456", "0.1", "0.5")
        )
    ]
    assert connection.execute(
        "select distinct level_name, min_salary, max_salary from inputs.levels where level = 1"
    ).fetchall() == [("d'Or “1”\\ 日本", Decimal("0.01"), Decimal("999999999.99"))]
    assert connection.execute("select min(eligibility_cutoff) from inputs.yearly_parameters").fetchall() == [
        (date(2024, 10, 1),)
    ]
    assert connection.execute("select distinct base_hazard from inputs.causes").fetchall() == [
        (Decimal("1E-12"),)
    ]
    assert connection.execute(
        "select lower_bound, upper_bound from inputs.bands where band = '65+'"
    ).fetchall() == [(65, None)]


def test_a_table_is_filled_by_one_statement_however_many_scenarios(tmp_path: Path) -> None:
    def statements(scenarios: int) -> int:
        files = [tmp_path / f"s{n}.yaml" for n in range(scenarios)]
        for n, file in enumerate(files):
            file.write_text(f"id: s{n}\n")
        connection = Mock(wraps=duckdb.connect())
        write_inputs(connection, load_settings(scenarios=files, environ={}).scenarios, range(1, 2), NOBODY)
        assert not connection.executemany.called  # it runs its statement row by row
        return int(connection.execute.call_count)

    assert statements(2) == statements(5)
