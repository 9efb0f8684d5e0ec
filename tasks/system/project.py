"""Paths of the project's files: beside the packages in a checkout, below workforce_simulation/ in a wheel."""

import os
from pathlib import Path

#: The folder that contains the packages: a checkout, or site-packages.
ROOT = Path(__file__).resolve().parents[2]
_OF_A_WHEEL = ROOT / "workforce_simulation"
#: Whether the project was installed from a wheel; an editable installation is a checkout.
INSTALLED = _OF_A_WHEEL.is_dir()
FILES = _OF_A_WHEEL if INSTALLED else ROOT
DBT_PROJECT = FILES / "dbt_project"
EXAMPLES = FILES / "examples"
SAMPLE_CENSUS = EXAMPLES / "census.csv"
PREFECT_YAML = FILES / "prefect.yaml"


def child_environment() -> dict[str, str]:
    """Return the environment in which a child Python started with -P finds the packages.

    An installation needs no change: site-packages in PYTHONPATH would come before Python's standard library.
    """
    if INSTALLED:
        return dict(os.environ)
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, "PYTHONPATH": path}
