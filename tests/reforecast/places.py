"""Lists of a small company, its settings and its budget, and an S3 server on the loopback."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import httpx
import polars as pl
import yaml

from tasks.census.sample import sample_census
from tests.simulate import simulate

YEAR_END, QUARTER_END = date(2025, 12, 31), date(2026, 3, 31)


def year_end_list() -> pl.DataFrame:
    """Sixty employees of the end of 2025, nobody of whom has left."""
    people = sample_census(60, 7, YEAR_END)
    return people.filter(pl.col("termination_date").is_null())


def quarter_end_list(hires: int) -> pl.DataFrame:
    """The same employees three months later, of whom two have left, and some hires."""
    before = year_end_list()
    has_left = pl.when(pl.int_range(pl.len()) < 2).then(pl.lit(date(2026, 2, 15)))
    joined = before.head(hires).with_columns(
        employee_id=pl.format("N{}", pl.int_range(pl.len())), hire_date=pl.lit(date(2026, 2, 1))
    )
    return pl.concat([before.with_columns(termination_date=has_left), joined], how="vertical_relaxed")


def write_list(rows: pl.DataFrame, file: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    rows.write_csv(file)
    return file


def budget_and_settings(folder: Path, **sections: object) -> Path:
    """Simulate the budget in `folder`/budget, and return settings that name it and `folder`/lists."""
    (folder / "budget").mkdir()
    simulate(folder / "budget", year_end_list(), years="2026-2027", report=False)
    return write_settings(folder, **sections)


def write_settings(folder: Path, **sections: object) -> Path:
    file = folder / "settings.yaml"
    document = {
        "simulation": {"start_year": 2026, "end_year": 2027},
        "budget": {"run": str(folder / "budget" / "run")},
        "reforecast": {"path": str(folder / "lists")},
        "machine": {"threads": 1},
        **sections,
    }
    file.write_text(yaml.safe_dump(document))
    return file


@contextmanager
def object_storage() -> Iterator[dict[str, str]]:
    """An S3-compatible server with one bucket; gives the environment that leads to it."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    # the servers of a process share their content
    httpx.post(f"http://{host}:{port}/moto-api/reset", trust_env=False).raise_for_status()
    httpx.put(f"http://{host}:{port}/bucket", trust_env=False).raise_for_status()
    try:
        yield {
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
            "NO_PROXY": "127.0.0.1",
        }
    finally:
        server.stop()
