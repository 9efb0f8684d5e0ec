"""The files of a backtest: the forecasts with what happened as CSV, and the page."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from settings import InputError
from tasks.evidence.backtest.origins import Backtest
from tasks.evidence.backtest.table import COLUMNS, write_backtest_table
from tasks.evidence.own_files import check_own_files
from tasks.evidence.report.backtest_page import write_backtest_page
from tasks.system.files import private_files


@dataclass(frozen=True)
class BacktestFiles:
    """Where a backtest is written."""

    table: Path

    @property
    def page(self) -> Path:
        """The page with the scorecard and the charts."""
        return self.table.with_suffix(".html")

    def check(self) -> None:
        """Raise InputError if a file cannot be written."""
        if self.table.suffix != ".csv":
            raise InputError(f"--file {self.table}: a name that ends with .csv is expected")
        check_own_files(
            self.table,
            (self.page,),
            flag="--file",
            begins=",".join(COLUMNS),
            command="workforce backtest",
        )


def write_backtest(result: Backtest, files: BacktestFiles) -> None:
    """Write table and page: both are complete before one of them is replaced."""
    folder = files.table.absolute().parent
    folder.mkdir(parents=True, exist_ok=True)
    with private_files(), tempfile.TemporaryDirectory(dir=folder, prefix=".workforce-backtest-") as scratch:
        ready = BacktestFiles(Path(scratch, files.table.name))
        write_backtest_table(result, ready.table)
        write_backtest_page(result, ready.page)
        ready.page.replace(files.page)
        ready.table.replace(files.table)
