"""Write settings and census to the tables that dbt reads (schema `inputs`).

`write_inputs` creates and fills the tables. Their rows come from scenario_tables.py (settings alone),
combinations.py and segments.py (settings and census), and uncertainty.py (simulation.uncertainty).
"""

from collections.abc import Mapping, Sequence
from dataclasses import astuple

import duckdb
import polars as pl

from settings import Scenario, Settings
from settings.models.uncertainty import Uncertainty
from tasks.census.history import HISTORY
from tasks.census.read import Census
from tasks.history.actuals import spells_schema
from tasks.plan.columns import SCHEMA
from tasks.text.advice import ADVICE
from tasks.warehouse.combinations import Combinations, combinations_of, transfer_destinations, values_set
from tasks.warehouse.database import InputRow, insert_rows
from tasks.warehouse.scenario_tables import PER_SCENARIO
from tasks.warehouse.segments import SEGMENTS, segment_members, segment_rows
from tasks.warehouse.uncertainty import PARAMETERS, YEAR_EFFECT_SCALES, parameter_rows, scale_rows

_FTE = pl.Decimal(7, 6)
_SHARE = pl.Decimal(18, 12)


def write_inputs(
    connection: duckdb.DuckDBPyConnection,
    scenarios: Sequence[Scenario],
    replicates: range,
    census: Census,
    plans: Mapping[str, pl.DataFrame] | None = None,
    uncertainty: Uncertainty | None = None,
) -> None:
    """Create schema `inputs` again and fill it from the resolved scenarios and the validated census.

    `plans` are the known actions by scenario id: frames with the columns of tasks.plan.columns, and a String
    column per dimension that the plan sets, in which null means that the action does not set it.
    `uncertainty` is that of the assumptions; None: they are certain. Raises InputError if there are too many
    combinations of dimensions.
    """
    connection.execute("drop schema if exists inputs cascade")
    connection.execute("create schema inputs")
    for table, (columns, rows_of) in PER_SCENARIO.items():
        rows = [row for scenario in scenarios for row in rows_of(scenario)]
        _create_table(connection, table, columns, rows)
    connection.execute(
        "create table inputs.replicates as select cast(unnest(range(?, ?)) as integer) as replicate",
        [replicates.start, replicates.stop],
    )
    _write_control(connection, scenarios[0], census, uncertainty)
    mixes = _hire_mixes(scenarios, census.dimensions)
    combinations = combinations_of(scenarios, census, mixes, plans or {})
    _write_combinations(connection, combinations)
    _store(connection, "hire_mix", combinations.of(mixes).select("scenario_id", "combination_id", "share"))
    _write_census(connection, census, combinations)
    _write_actuals(connection, census, combinations)
    _write_segments(connection, scenarios, combinations)
    _write_transfers(connection, scenarios, census, combinations)
    _write_actions(connection, plans or {}, combinations)


def write_checks(
    connection: duckdb.DuckDBPyConnection, settings: Settings, census: Census, history: pl.DataFrame
) -> None:
    """Fill the tables that the checks read: severities, tolerances, results of the census, earlier runs."""
    severities = settings.checks.severities.model_dump()
    _create_table(
        connection,
        "checks",
        "check_name varchar, severity varchar, advice varchar",
        [(check, severity, ADVICE[check]) for check, severity in severities.items()],
    )
    tolerances, limits = settings.checks.tolerances, settings.simulation.limits
    _create_table(
        connection,
        "tolerances",
        "merit_cents_per_employee decimal(9, 4), growth decimal(18, 12), growth_history decimal(18, 12), "
        "anomaly_z double, anomaly_history integer, min_growth decimal(18, 12), max_growth decimal(18, 12)",
        [(*tolerances.model_dump().values(), limits.min_growth, limits.max_growth)],
    )
    rejected = census.rejects["row_number"].n_unique() if census.rejects.height else 0
    _create_table(
        connection,
        "census_validation",
        "rows_read bigint, rejected_rows bigint, employees bigint",
        [(census.rows_read, rejected, census.employees.height)],
    )
    _create_table(
        connection,
        "census_rejects",  # without the values, which may be confidential: they are in rejected.csv only
        "row_number bigint, column_name varchar, reason varchar",
        census.rejects.select("row_number", "column", "reason").rows() if census.rejects.height else [],
    )
    _create_table(
        connection,
        "census_findings",
        "check_name varchar, violations bigint, examined bigint, expected varchar, at_fault varchar",
        [astuple(finding) for finding in census.findings],
    )
    _store(connection, "census_history", census.history.cast(HISTORY))
    _create_table(
        connection,
        "sla",
        "run_seconds double, year_seconds double",
        [(settings.sla.run_seconds, settings.sla.year_seconds)],
    )
    _store(connection, "earlier_runs", history)


def write_history(
    connection: duckdb.DuckDBPyConnection, history: Mapping[str, pl.DataFrame], run_id: str
) -> None:
    """Replace the tables that monitoring over all runs reads; `run_id` is this run's."""
    for name, rows in {**history, "this_run": pl.DataFrame({"run_id": [run_id]})}.items():
        connection.execute(f"drop table if exists inputs.{name}")
        _store(connection, name, rows)


def set_simulation_year(connection: duckdb.DuckDBPyConnection, year: int) -> None:
    """Make `year` the year under simulation, which dbt computes."""
    connection.execute("update inputs.run_control set simulation_year = ?", [year])


def _create_table(
    connection: duckdb.DuckDBPyConnection, name: str, columns: str, rows: Sequence[InputRow]
) -> None:
    # The names and columns are constants of this module.
    connection.execute(f"create table inputs.{name} ({columns})")
    insert_rows(connection, f"inputs.{name}", rows)


def _write_control(
    connection: duckdb.DuckDBPyConnection,
    scenario: Scenario,
    census: Census,
    uncertainty: Uncertainty | None,
) -> None:
    simulation = scenario.settings.simulation
    calendar = simulation.calendar
    parameters = parameter_rows(uncertainty, simulation.vary)
    scales = scale_rows(uncertainty, simulation.vary)
    _create_table(connection, "uncertain_parameters", PARAMETERS, parameters)
    _create_table(connection, "year_effect_scales", YEAR_EFFECT_SCALES, scales)
    _create_table(
        connection,
        "run_control",
        "simulation_year integer, start_year integer, end_year integer, fiscal_month integer, "
        "fiscal_day integer, opening_date date, random_seed bigint, is_uncertain boolean, "
        "has_own_draws boolean, has_actuals boolean",
        [
            (
                simulation.start_year - 1,
                simulation.start_year,
                simulation.end_year,
                calendar.start_month,
                calendar.start_day,
                calendar.opening_date,
                simulation.random_seed,
                bool(parameters or scales),
                "chance" in simulation.vary,
                census.actual_spells is not None,
            )
        ],
    )


def _write_combinations(connection: duckdb.DuckDBPyConnection, combinations: Combinations) -> None:
    _store(connection, "dimension_combinations", combinations.rows)
    _store(connection, "dimension_values", combinations.long)
    _store(connection, "moves", combinations.destinations)


def _write_census(connection: duckdb.DuckDBPyConnection, census: Census, combinations: Combinations) -> None:
    full_time = pl.lit(1).cast(_FTE).alias("fte")
    _store(
        connection,
        "census",
        combinations.of(census.employees).select(
            "employee_id",
            "birth_date",
            "hire_date",
            "termination_date",
            pl.col("level").cast(pl.Int32),
            "level_inferred",
            pl.col("salary").cast(pl.Decimal(14, 2)),
            pl.col("fte").cast(_FTE) if "fte" in census.employees.columns else full_time,
            "combination_id",
        ),
    )


def _write_actuals(connection: duckdb.DuckDBPyConnection, census: Census, combinations: Combinations) -> None:
    spells = census.actual_spells
    if spells is None:
        spells = spells_schema(census.dimensions).to_frame()
    columns = [name for name in spells.columns if name not in census.dimensions]
    _store(connection, "actual_spells", combinations.of(spells).select(*columns, "combination_id"))


def _write_segments(
    connection: duckdb.DuckDBPyConnection, scenarios: Sequence[Scenario], combinations: Combinations
) -> None:
    rows = [row for scenario in scenarios for row in segment_rows(scenario, combinations)]
    _create_table(connection, "segments", SEGMENTS, rows)
    members = pl.concat(segment_members(scenario, combinations) for scenario in scenarios)
    _store(connection, "segment_members", members)


def _write_transfers(
    connection: duckdb.DuckDBPyConnection,
    scenarios: Sequence[Scenario],
    census: Census,
    combinations: Combinations,
) -> None:
    rows = [
        (scenario.id, transfer.by, value, combinations.number_of({transfer.by: value}), share)
        for scenario in scenarios
        if (transfer := scenario.settings.workforce.transfer)
        for value, share in transfer_destinations(transfer, census).items()
    ]
    _create_table(
        connection,
        "transfer_destinations",
        "scenario_id varchar, dimension varchar, value varchar, move_id integer, share decimal(18, 12)",
        rows,
    )


def _write_actions(
    connection: duckdb.DuckDBPyConnection, plans: Mapping[str, pl.DataFrame], combinations: Combinations
) -> None:
    moves = {
        scenario: [combinations.number_of(values) for values in values_set(plan, combinations.dimensions)]
        for scenario, plan in plans.items()
    }
    schema = pl.Schema([("scenario_id", pl.String), *SCHEMA.items(), ("move_id", pl.Int32)])
    actions = (
        plan.select(
            pl.lit(scenario).alias("scenario_id"),
            *(pl.col(name).cast(kind) for name, kind in SCHEMA.items()),
            pl.Series("move_id", moves[scenario], dtype=pl.Int32),
        )
        for scenario, plan in plans.items()
    )
    _store(connection, "actions", pl.concat([pl.DataFrame(schema=schema), *actions]))


def _hire_mixes(scenarios: Sequence[Scenario], dimensions: Sequence[str]) -> pl.DataFrame:
    rows = [
        {
            "scenario_id": scenario.id,
            "share": entry.share,
            **{dimension: entry.values.get(dimension) for dimension in dimensions},
        }
        for scenario in scenarios
        for entry in scenario.settings.hiring.dimension_mix or ()
    ]
    schema = pl.Schema(
        [
            ("scenario_id", pl.String),
            ("share", _SHARE),
            *((name, pl.String) for name in dimensions),
        ]
    )
    return pl.DataFrame(rows, schema=schema)


def _store(connection: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame) -> None:
    connection.register("frame_to_store", frame)
    connection.execute(f"create table inputs.{name} as select * from frame_to_store")  # noqa: S608
    connection.unregister("frame_to_store")
