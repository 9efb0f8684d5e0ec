"""Fit and backtest as flows, on a real Prefect server: files, artifacts, alerts, failures, kills."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from prefect import State
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.client.schemas.objects import Artifact
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.backtest import backtest_from_history
from flows.fit import fit_from_history
from settings import load_settings
from tasks import evidence_pipeline
from tasks.alerts import store_of
from tasks.system.project import ROOT
from tests.alerts.receivers import http_receiver
from tests.alerts.test_alerts import channel
from tests.flows.conftest import PrefectServer
from tests.history.company import DATES, company, with_mass_exit, write_lists

pytestmark = pytest.mark.slow

BY_DEPARTMENT = "census.dimensions=[department]"


@dataclass(frozen=True)
class Lists:
    """Histories of a company of which about one in seven leaves per year."""

    calm: Path
    shaken: Path  # the same, but a third more left before the newest list


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> Lists:
    folder = tmp_path_factory.mktemp("lists")
    spells = company(3, 400, 70)
    return Lists(
        write_lists(folder / "calm", spells),
        write_lists(folder / "shaken", with_mass_exit(spells, *DATES[-2:])),
    )


@pytest.fixture(autouse=True)
def on_server(prefect_server: PrefectServer) -> Iterator[None]:
    with temporary_settings({PREFECT_API_URL: prefect_server.api_url}):
        yield


def run(flow: Callable[..., Any], **parameters: Any) -> State[Any]:
    """Run a flow in this process and return its last state."""
    state: State[Any] = flow(return_state=True, **parameters)
    return state


def artifacts_of(state: State[Any]) -> dict[str, Artifact]:
    wanted = FlowRunFilter(id=FlowRunFilterId(any_=[state.state_details.flow_run_id]))  # type: ignore[list-item]
    with get_client(sync_client=True) as client:
        found = client.read_artifacts(flow_run_filter=wanted)
    return {str(one.key): one for one in found if one.key}


def test_a_fit_writes_its_files_and_shows_them(lists: Lists, tmp_path: Path) -> None:
    out = tmp_path / "new" / "fitted.yaml"
    state = run(fit_from_history, history=str(lists.calm), settings=[BY_DEPARTMENT], out=out)
    assert state.is_completed(), state.message
    written = sorted(path.name for path in out.parent.iterdir())
    assert written == ["fitted.html", "fitted.uncertainty.json", "fitted.yaml"]
    rate = load_settings(out, environ={}).base.workforce.total_termination_rate.at(2020)
    found = artifacts_of(state)
    assert found.keys() == {"fit-fitted", "fit-fitted-figures", "fit-fitted-page"}
    text, table = str(found["fit-fitted"].data), str(found["fit-fitted-figures"].data)
    for part in (text, table):
        assert f"{100 * rate:.2f} %" in part
    for name in written:
        assert f"- `{out.parent / name}`: " in text
    assert (out.with_suffix(".html")).as_uri() in str(found["fit-fitted-page"].data)


def test_a_backtest_shows_its_scorecard_and_raises_no_alert_in_a_calm_year(
    lists: Lists, tmp_path: Path
) -> None:
    with http_receiver() as ops:
        state = run(backtest_from_history, **given(lists.calm, tmp_path, with_channel(tmp_path, ops.url)))
        assert state.is_completed(), state.message
        assert ops.wait(1, seconds=3) == []
    assert not store_of(tmp_path / "runs").exists
    assert set(pl.read_csv(tmp_path / "backtest.csv")["dimension"]) == {None, "department"}
    found = artifacts_of(state)
    assert found.keys() == {"backtest-backtest", "backtest-backtest-figures", "backtest-backtest-page"}
    text = str(found["backtest-backtest"].data)
    actual, low, median, high = newest_exits(tmp_path / "backtest.csv")
    assert (
        f"| exits | the company | {actual:,.0f} | {median:,.0f} | {low:,.0f} to {high:,.0f} | yes |" in text
    )
    assert "## Scorecard" in text
    assert f"- `{tmp_path / 'backtest.html'}`: " in text


def test_a_backtest_raises_an_alert_once_if_the_newest_list_lies_outside(
    lists: Lists, tmp_path: Path
) -> None:
    with http_receiver() as ops:
        parameters = given(lists.shaken, tmp_path, with_channel(tmp_path, ops.url))
        for _ in range(2):
            assert run(backtest_from_history, **parameters).is_completed()
        [message] = ops.wait(1)
    assert message["title"].endswith(f"lies outside the last forecast: history {lists.shaken}")
    actual, low, median, high = newest_exits(tmp_path / "backtest.csv")
    assert actual > high
    expected = f"Exits: {actual:,.0f}; forecast {median:,.0f}, 90 % band {low:,.0f} to {high:,.0f}"
    assert f"\n{expected}\n" in message["message"]
    assert " of 9 figures; 0.9 are expected by chance\n" in message["message"]
    assert [one.count for one in store_of(tmp_path / "runs").recent()] == [1]


def test_a_look_back_raises_no_alert(tmp_path: Path) -> None:
    """`until` leaves out the newest list, which the alert would be about."""
    spells = company(3, 400, 70)
    shaken = write_lists(tmp_path / "lists", with_mass_exit(spells, *DATES[-3:-1]))
    with http_receiver() as ops:
        parameters = given(shaken, tmp_path, with_channel(tmp_path, ops.url))
        assert run(backtest_from_history, **parameters, until=DATES[-2]).is_completed()
    actual, _, _, high = newest_exits(tmp_path / "backtest.csv")
    assert actual > high
    assert not store_of(tmp_path / "runs").exists


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"history": "nowhere"}, "HistoryError: nowhere"),
        ({"history": None}, "InputError: no history: give --history"),
        ({"settings": ["workforce.promotoin=1"]}, "SettingsError: "),
        ({"by": ["team"]}, "InputError: --by team: a dimension of the history is expected (department)"),
        ({"horizon": 21}, "InputError: --horizon 21: 1 to 20 windows are allowed"),
        ({"until": DATES[1]}, "InputError: 2 lists: a backtest needs 4 or more"),
        ({"file": Path("table.txt")}, "InputError: --file table.txt: a name that ends with .csv"),
        (
            {"settings": ["alerts.channels=[{name: a, url: 'json://5ecret'}]"]},
            "InputError: settings: Prefect",
        ),
        ({"history": "https://me:5ecret@example.org/lists"}, "InputError: history: Prefect stores and shows"),
    ],
)
def test_wrong_input_of_a_backtest_fails_with_the_message_and_writes_nothing(
    lists: Lists, tmp_path: Path, changes: dict[str, Any], problem: str
) -> None:
    state = run(backtest_from_history, **given(lists.calm, tmp_path, None) | changes)
    assert state.is_failed()
    assert str(state.message).startswith(f"Flow run encountered an exception: {problem}"), state.message
    assert "5ecret" not in str(state.message)
    assert list(tmp_path.iterdir()) == []


def test_a_password_in_an_address_is_not_in_the_name_of_the_run(tmp_path: Path) -> None:
    history = "https://me:5ecret@example.org/lists?sig=5ecret"
    given_out: dict[Callable[..., Any], dict[str, Path]] = {
        fit_from_history: {"out": tmp_path / "fitted.yaml"},
        backtest_from_history: {"file": tmp_path / "backtest.csv"},
    }
    for flow, out in given_out.items():
        state = run(flow, history=history, **out)
        with get_client(sync_client=True) as client:
            name = client.read_flow_run(state.state_details.flow_run_id).name  # type: ignore[arg-type]
        assert "https://***@example.org/lists?sig=***" in name


def test_a_fit_does_not_replace_a_file_of_somebody_else(lists: Lists, tmp_path: Path) -> None:
    out = tmp_path / "mine.yaml"
    out.write_text("simulation: {random_seed: 7}\n")
    state = run(fit_from_history, history=str(lists.calm), out=out)
    assert state.is_failed() and "was not written by `workforce fit`" in str(state.message)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.yaml"]
    assert out.read_text() == "simulation: {random_seed: 7}\n"


def test_writing_is_tried_again_after_a_trouble_of_the_file_system(
    lists: Lists, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, tries = evidence_pipeline.write_fit, list[int]()

    def fail_once(*arguments: Any) -> None:
        tries.append(1)
        if len(tries) == 1:
            raise OSError("Stale file handle")
        write(*arguments)

    monkeypatch.setattr(evidence_pipeline, "write_fit", fail_once)
    state = run(fit_from_history, history=str(lists.calm), out=tmp_path / "fitted.yaml")
    assert state.is_completed(), state.message
    assert len(tries) == 2
    assert load_settings(tmp_path / "fitted.yaml", environ={})


KILLED = """
import sys, time
from pathlib import Path
from tasks.evidence import {module}

def begin(found, *others, **named):
    others[-1].write_text("half")
    print("writing", flush=True)
    time.sleep(300)

{module}.{write} = begin
from flows.{flow} import {flow}_from_history
{flow}_from_history(history=sys.argv[1], {target}=Path(sys.argv[2]))
"""


@pytest.mark.parametrize(
    ("flow", "module", "write", "target", "name"),
    [
        ("fit", "fit_files", "write_fit_page", "out", "fitted.yaml"),
        ("backtest", "backtest_files", "write_backtest_page", "file", "backtest.csv"),
    ],
)
def test_a_killed_flow_leaves_the_files_as_they_were(
    prefect_server: PrefectServer,
    lists: Lists,
    tmp_path: Path,
    flow: str,
    module: str,
    write: str,
    target: str,
    name: str,
) -> None:
    again = {"fit": fit_from_history, "backtest": backtest_from_history}[flow]
    assert run(again, history=str(lists.calm), **{target: tmp_path / name}).is_completed()
    before = visible(tmp_path)
    code = KILLED.format(module=module, write=write, flow=flow, target=target)
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(lists.shaken), str(tmp_path / name)],
        cwd=ROOT,
        env=prefect_server.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout and "writing\n" in iter(process.stdout.readline, "")
    process.send_signal(signal.SIGKILL)
    process.wait(60)
    process.stdout.close()
    assert visible(tmp_path) == before
    parameters = {"output": tmp_path / "runs"} if flow == "backtest" else {}
    assert run(again, history=str(lists.shaken), **{target: tmp_path / name}, **parameters).is_completed()
    after = visible(tmp_path)
    assert after.keys() == before.keys() and after[name] != before[name]


def visible(folder: Path) -> dict[str, bytes]:
    """Return the content of the files that somebody reads."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def newest_exits(table: Path) -> tuple[float, float, float, float]:
    """Return actual, p05, p50 and p95 of the exits of the whole company until the newest list."""
    rows = pl.read_csv(table).filter(
        pl.col("dimension").is_null(), pl.col("horizon") == 1, pl.col("figure") == "exits"
    )
    newest = rows.sort("origin").row(-1, named=True)
    return newest["actual"], newest["p05"], newest["p50"], newest["p95"]


def given(history: Path, folder: Path, config: Path | None) -> dict[str, Any]:
    return {
        "history": str(history),
        "by": ["department"],
        "settings": [BY_DEPARTMENT],
        "config": config,
        "file": folder / "backtest.csv",
        "output": folder / "runs",
    }


def with_channel(folder: Path, url: str) -> Path:
    path = folder / "settings.yaml"
    path.write_text(f"alerts: {{channels: [{channel('ops', url)}]}}\n")
    return path
