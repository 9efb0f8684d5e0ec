"""The `workforce dashboard` command."""

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.options import Output
from tasks.dashboard.options import Options
from tasks.dashboard.serve import serve


def dashboard(
    output: Output = Path("runs"),
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="Port on this machine; 0: any free port.")
    ] = 8501,
    show_pay: Annotated[
        bool, typer.Option("--show-pay", help="Show individual employees and their pay.")
    ] = False,
) -> None:
    """Show results and running simulations in a browser, on this machine only."""
    serve(Options(output, show_pay), port)
