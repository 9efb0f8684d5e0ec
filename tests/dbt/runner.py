"""`dbt test` in this process."""

import os
from typing import Any

from dbt.cli.main import dbtRunner

from tasks.system.project import DBT_PROJECT
from tasks.warehouse.database import Database
from tasks.warehouse.dbt import manifest


def run_tests(database: Database, *arguments: str) -> list[Any]:
    """Run `dbt test` with the arguments on a database; the results have `node`, `status` and `message`."""
    os.environ.update(database.environment)
    scratch = database.path.parent
    command = ["--quiet", "--log-level=none", "--log-level-file=none", "--no-write-json", "--no-use-colors"]
    command += ["--no-version-check", "--no-partial-parse", "test", "--threads=2", *arguments]
    command += [f"--project-dir={DBT_PROJECT}", f"--profiles-dir={DBT_PROJECT}"]
    command += [f"--target-path={scratch / 'target'}", f"--log-path={scratch / 'logs'}"]
    done: Any = dbtRunner(manifest=manifest()).invoke(command)
    assert done.exception is None, done.exception
    return list(done.result)
