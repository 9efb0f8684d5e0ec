"""The run that a flow run resumes when it is executed again."""

from pathlib import Path
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest

from tasks.runs.request import RunRequest
from tasks.server import flow_runs
from tasks.server.flow_runs import continued
from tests.records import write_record

OURS, OTHERS = uuid4(), uuid4()


@pytest.mark.parametrize(
    ("flow_run", "count", "run_id", "resumed"),
    [
        (OURS, 1, "named", "named"),
        (OURS, 1, None, "named"),  # its id was made up from the time
        (OURS, 0, "named", None),  # it has not begun anything: the id is taken
        (OTHERS, 1, "named", None),
        (OTHERS, 1, None, None),
        (OURS, 1, "new", None),  # it failed before it had a directory
    ],
)
def test_a_retried_flow_run_resumes_its_own_run(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    flow_run: UUID,
    count: int,
    run_id: str | None,
    resumed: str | None,
) -> None:
    for name, ids in (("named", [str(uuid4()), str(OURS)]), ("another", [str(uuid4())]), ("old", None)):
        write_record(tmp_path / name, **({"flow_runs": ids} if ids else {}))
    monkeypatch.setattr(flow_runs, "own_flow_run", lambda: SimpleNamespace(id=flow_run, run_count=count))
    request = continued(RunRequest(output=tmp_path, run_id=run_id, years="2025-2026"))
    assert request.resume == resumed
    assert request.run_id == (None if resumed else run_id)
    assert request.years == "2025-2026"
