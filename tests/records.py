"""A run.json of no simulation, for tests of what reads it; and changes to one that a run wrote."""

import json
from pathlib import Path
from typing import Any

#: The least that a run.json holds: what the first version of the program wrote.
LEAST: dict[str, Any] = {
    "run_id": "run",
    "status": "complete",
    "started_at": "2026-01-01T10:00:00+00:00",
    "finished_at": None,
    "years": [2025, 2026],
    "seed": 42,
    "replicates": 1,
    "settings": {},
    "settings_hash": "0" * 64,
    "scenarios": [{"id": "baseline", "description": "", "overrides": {}, "settings": {}}],
    "census": {"file": "census.csv", "sha256": "0" * 64, "employees": 10, "dimensions": []},
    "model_versions": {},
}


def write_record(folder: Path, **changes: Any) -> None:
    """Write a run.json into a new folder, or replace the one that is there."""
    folder.mkdir(exist_ok=True)
    (folder / "run.json").write_text(json.dumps({**LEAST, "run_id": folder.name, **changes}))


def edit(file: Path, **changes: Any) -> dict[str, Any]:
    """Change keys of a JSON file; returns what it then holds."""
    document: dict[str, Any] = json.loads(file.read_text()) | changes
    file.write_text(json.dumps(document))
    return document
