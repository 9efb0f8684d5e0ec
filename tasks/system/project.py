"""Where the project's own files lie: the dbt project, the sample census."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DBT_PROJECT = ROOT / "dbt_project"
SAMPLE_CENSUS = ROOT / "examples" / "census.csv"
