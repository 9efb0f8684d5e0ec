"""Page What-if without a browser: levers, figures, refusals, scenario files, and visitors who do not mix."""

import resource
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import polars as pl
import pytest
import yaml
from prefect.client.orchestration import SyncPrefectClient
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.states import Completed, Failed, Running, Scheduled, State
from streamlit.testing.v1 import AppTest

from settings import InputError, Settings, default_settings, load_settings
from settings.models.base import Yearly
from tasks.dashboard.views import what_if
from tasks.dashboard.what_if import starting
from tasks.dashboard.what_if.levers import Lever, Move, levers_of, overrides_of
from tasks.dashboard.what_if.outcome import SHOWN, Outcome, charts, key_figures, sentence, table
from tasks.dashboard.what_if.saving import save, scenario_yaml
from tasks.dashboard.what_if.simulator import BACKGROUND, Simulator
from tasks.runs.record import read_record
from tasks.simulation.prepared import Cancelled
from tasks.studies.what_if import COLUMNS, StartingPoint, figures
from tasks.text.calendar import CALENDAR_YEARS
from tasks.text.money import Money
from tests.dashboard.conftest import Open
from tests.simulate import Finished

GROWTH = "Growth of headcount (%), as a number"


@pytest.fixture(autouse=True)
def bands_only_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """They would take the processor from the tests that follow."""
    monkeypatch.setattr(what_if, "BANDS_UNASKED_UNTIL", 0)


@pytest.fixture(scope="module")
def start(awkward: Finished) -> StartingPoint:
    return StartingPoint.of(awkward.run.directory, "base")


@pytest.fixture(scope="module")
def simulator() -> Simulator:
    return Simulator()


def answered(app: AppTest) -> str:
    """Return the answer in bold; the page must have no error."""
    assert not app.exception and not app.error, [app.exception, app.error]
    return next(
        text.value for text in app.markdown if "against base" in text.value or "as in base" in text.value
    )


def move(app: AppTest, label: str, value: float) -> AppTest:
    return next(field for field in app.number_input if field.label == label).set_value(value).run()


def test_a_lever_shows_its_figures_and_reset_takes_them_back(
    page: Open, output: Path, start: StartingPoint, simulator: Simulator
) -> None:
    app = page(output, "What-if")
    assert answered(app) == "**In 2028 everything is as in base.**"
    move(app, GROWTH, 10)
    scenario = start.changed({"simulation.target_growth_rate": 0.1})
    expected = simulator.ask(start, scenario, start.first_replicate)
    assert expected.wait(60)
    headcount = expected.result()["headcount"][-1]
    assert f"headcount is {headcount} employees" in answered(app)
    assert app.metric[0].value == f"{headcount} employees"
    assert app.query_params["levers"] == "growth:10"
    assert app.query_params["run"] == "done", "a newer run does not take the levers away"
    slider = next(one for one in app.slider if one.label == "Growth of headcount (%)")
    assert slider.value == 10, "the slider follows the number"
    next(button for button in app.button if button.label == "Reset all levers").click().run()
    assert answered(app) == "**In 2028 everything is as in base.**"
    assert "levers" not in app.query_params


@pytest.mark.slow
def test_two_visitors_do_not_mix(page: Open, output: Path) -> None:
    one, other = page(output, "What-if"), page(output, "What-if")
    move(one, GROWTH, 10)
    move(other, GROWTH, -5)
    texts = answered(one), answered(other)
    assert "(+" in texts[0] and "(-" in texts[1]
    move(other, "Merit budget (%), as a number", 8)
    assert answered(one.run()) == texts[0]
    assert one.query_params["levers"] == "growth:10"


def test_levers_come_from_the_address(page: Open, output: Path) -> None:
    asked = "growth:10,merit:2027=5,merit:1999=5,nonsense,growth:x,no_lever:3,cola:-70"
    app = page(output, "What-if", levers=asked)
    assert app.query_params["levers"] == "growth:10,merit:2027=5,merit:2028=4,cola:0"
    assert "against base" in answered(app)
    [warning] = [each.value.replace("\\", "") for each in app.warning]
    for part in ("merit:1999=5 is of a year", "nonsense is not one", "growth:x is", "no_lever:3 is not one"):
        assert part in warning
    assert "cola:-70 is not within 0 to " in warning and "growth:10" not in warning


def test_a_value_that_the_settings_refuse_shows_their_message(page: Open, output: Path) -> None:
    app = page(output, "What-if", levers="growth:2027=90")
    assert not app.exception
    assert (
        "simulation.target_growth_rate" in app.error[0].value
        and "simulation.limits widens it" in app.error[0].value
    )
    assert not app.metric


@pytest.mark.slow
def test_bands_follow(page: Open, output: Path) -> None:
    app = page(output, "What-if")
    assert "Bands over replicates are not computed" in " ".join(text.value for text in app.caption)
    next(button for button in app.button if button.label.startswith("Bands of 20 replicates")).click().run()
    until = time.monotonic() + 300
    while "5 % to 95 % of 20 replicates" not in " ".join(text.value for text in app.caption):
        assert time.monotonic() < until and not app.exception
        time.sleep(0.5)
        app.run()
    app = app.run()
    assert any(button.label.startswith("Bands of 50 replicates") for button in app.button)


@pytest.mark.slow
def test_nothing_is_written_until_asked_and_nothing_over_another_file(
    page: Open, output: Path, tmp_path: Path
) -> None:
    app = move(page(output, "What-if"), GROWTH, 10)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["runs"]
    button = "Save into the folder"
    next(one for one in app.button if one.label == button).click().run()
    file = Path("scenarios/what-if.yaml")
    assert load_settings(scenarios=[file]).scenarios[0].overrides["simulation.target_growth_rate"] == 0.1
    before = file.read_text()
    next(one for one in app.button if one.label == button).click().run()
    assert "exists already" in app.error[0].value and file.read_text() == before
    folder = next(one for one in app.text_input if one.label == "Folder")
    folder.set_value("../elsewhere").run()
    next(one for one in app.button if one.label == button).click().run()
    assert "the name of a folder" in app.error[0].value
    assert not (tmp_path.parent / "elsewhere").exists()


@pytest.mark.parametrize("folder", ["..", "/tmp", "a/b", "a\\b", "", ".hidden", "x\0"])
def test_folders_that_lead_elsewhere(tmp_path: Path, folder: str) -> None:
    with pytest.raises(InputError, match="the name of a folder"):
        save(folder, "one", "", tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("scenario_id", ["", "../x", "Upper", "a b", "x" * 65])
def test_ids_that_scenario_files_cannot_have(scenario_id: str) -> None:
    with pytest.raises(InputError, match="1 to 64 of a-z"):
        scenario_yaml(scenario_id, "", {})


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="it is a link"):
        save("link", "one", "", tmp_path)


def test_a_full_disk_leaves_no_half_of_a_scenario(tmp_path: Path) -> None:
    _, hard = limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))  # as a full disk
    try:
        with pytest.raises(InputError, match=r"one\.yaml cannot be written: File too large"):
            save("scenarios", "one", "x" * 20_000, tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert list((tmp_path / "scenarios").iterdir()) == []


def settings_with(**sections: dict[str, Any]) -> Settings:
    """Return the defaults with other values."""
    default = default_settings()
    changed = {name: getattr(default, name).model_copy(update=values) for name, values in sections.items()}
    return default.model_copy(update=changed)


@pytest.mark.parametrize(
    "settings",
    [
        default_settings(),
        settings_with(simulation={"mode": "rates"}),
        settings_with(
            hiring={"hires": Yearly({year: 10 + year - 2025 for year in range(2025, 2030)})},
            compensation={"merit_budget": Yearly({year: (year - 2020) / 100 for year in range(2025, 2030)})},
        ),
    ],
)
def test_every_lever_moves_its_settings_and_only_these(settings: Settings) -> None:
    levers = levers_of(settings)
    assert overrides_of(settings, levers, {lever.name: Move(lever.now) for lever in levers}) == {}
    for lever in levers:
        value = lever.held(lever.now + 5 * lever.step)
        found = overrides_of(settings, levers, {lever.name: Move(value)})
        assert set(found) == set(lever.keys), lever.name
        if lever.is_by_year:
            path = {year: lever.path[year] + 1 for year in lever.path}
            by_year = overrides_of(settings, levers, {lever.name: Move(by_year=path)})
            assert set(by_year) == set(lever.keys), lever.name


def test_a_value_per_year_is_shifted_or_multiplied() -> None:
    settings = settings_with(
        compensation={"merit_budget": Yearly({year: (year - 2020) / 100 for year in range(2025, 2030)})}
    )
    [lever] = [one for one in levers_of(settings) if one.name == "merit"]
    assert (lever.unit, lever.now) == ("points", 0)
    found = overrides_of(settings, levers_of(settings), {"merit": Move(-1.0)})
    assert found == {
        "compensation.merit_budget": {str(year): (year - 2021) / 100 for year in range(2025, 2030)}
    }


def test_growth_of_each_segment_is_a_lever(start: StartingPoint) -> None:
    department = start.census.employees["department"][0]
    targets = {
        "by": ["department"],
        "segments": [{"where": {"department": department}, "growth": 0.02}],
        "others": "same",
    }
    settings = start.changed({"targets": targets}).settings
    levers = levers_of(settings)
    [lever] = [one for one in levers if one.segment is not None]
    assert department in lever.label and lever.now == 2
    found = overrides_of(settings, levers, {lever.name: Move(7.0)})
    assert [segment["growth"] for segment in found["targets.segments"]] == [0.07]
    start.changed({"targets": {**targets, "segments": found["targets.segments"]}})


def outcome_of(rows: pl.DataFrame, **changes: Any) -> Outcome:
    plain = Outcome("base", rows, rows, Money("EUR"), CALENDAR_YEARS, show_pay=False)
    return replace(plain, **changes)


def some_rows(headcount: int) -> pl.DataFrame:
    values = dict.fromkeys(COLUMNS, 10.0)
    return pl.DataFrame(
        [{"replicate": 1, "simulation_year": year, **values, "headcount": headcount} for year in (2025, 2026)]
    )


def test_pay_of_few_people_is_shown_only_with_show_pay() -> None:
    few = outcome_of(some_rows(4), bands=(some_rows(4), some_rows(4)))
    money = {shown.title for shown in SHOWN.values() if shown.is_money}
    hidden = [value for label, value, _, _ in key_figures(few) if label.split(",")[0] in money]
    assert hidden and set(hidden) == {"–"}
    assert len(charts(few)) == 3, "headcount, hires and leavers"
    amounts = [row for row in table(few).rows if row["figure"].removesuffix(" (EUR)") in money]
    assert amounts and all(row[key] is None for row in amounts for key in ("before", "after", "p05", "mean"))
    shown = replace(few, show_pay=True)
    assert len(charts(shown)) == 6
    assert "–" not in [value for _, value, _, _ in key_figures(shown)]


def test_bars_begin_at_zero_and_both_scenarios_share_the_axis(awkward: Finished) -> None:
    """With the bands of a run's own replicates."""
    sides = [figures(awkward.summary.filter(scenario_id=name)) for name in ("base", "cut")]
    first = [side.filter(replicate=1) for side in sides]
    outcome = outcome_of(first[0], changed=first[1], bands=(sides[0], sides[1]))
    for title, spec in charts(outcome):
        layers = spec["layer"]
        scales = [layer["encoding"]["y"]["scale"] for layer in layers]
        assert all(scale == scales[0] for scale in scales), title
        if title in ("Hires", "Leavers"):
            assert scales[0].get("zero") or scales[0]["domain"][0] <= 0
    assert "against base" in sentence(outcome)


@pytest.mark.slow
def test_questions_wait_are_cancelled_and_dropped(start: StartingPoint) -> None:
    single = Simulator(workers=1)
    first = single.ask(start, start.changed({"compensation.cola_rate": 0.01}), start.first_replicate)
    others = [
        single.ask(start, start.changed({"compensation.cola_rate": rate}), start.first_replicate, urgency)
        for rate, urgency in ((0.02, BACKGROUND), (0.03, 0))
    ]
    assert single.ahead_of(others[0]) >= 1
    single.cancel(first)
    assert first.wait(60)
    with pytest.raises(Cancelled):
        first.result()
    assert others[1].wait(60) and not others[1].error
    assert others[0].wait(60)
    again = single.ask(start, others[1].scenario, start.first_replicate)
    assert again.wait(0), "a question that was asked before is answered at once"
    assert again.result().equals(others[1].result())


@pytest.mark.slow
def test_a_simulation_that_fails_raises_where_it_was_asked(
    start: StartingPoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    single = Simulator(workers=1)
    monkeypatch.setattr(StartingPoint, "prepared", lambda *_: 1 / 0)
    question = single.ask(start, start.scenario, start.first_replicate)
    assert question.wait(60)
    with pytest.raises(ZeroDivisionError):
        question.result()
    monkeypatch.undo()
    question = single.ask(start, start.scenario, start.first_replicate)
    assert question.wait(60) and question.result().height == 2, "the worker goes on"


@pytest.fixture
def wanted(awkward: Finished, start: StartingPoint, tmp_path: Path) -> starting.Wanted:
    run = awkward.run.directory
    overrides = {"compensation.cola_rate": 0.03}
    return starting.Wanted(start, read_record(run), run, tmp_path, "other", "", overrides)


def test_a_server_that_does_not_answer_is_named_and_nothing_is_left(
    wanted: starting.Wanted, tmp_path: Path
) -> None:
    with (
        temporary_settings({PREFECT_API_URL: "http://someone:5ecret@127.0.0.1:1/api"}),
        pytest.raises(InputError, match=r"the Prefect server at 127\.0\.0\.1 does not answer") as refused,
    ):
        starting.start_by_deployment(wanted)
    assert "5ecret" not in str(refused.value)
    assert list((tmp_path / starting.FOLDER).iterdir()) == []


def test_a_run_that_is_refused_leaves_no_input(wanted: starting.Wanted, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="that of the baseline"):
        starting.start_here(replace(wanted, scenario_id="base"))
    assert list((tmp_path / starting.FOLDER).iterdir()) == []


def test_two_visitors_who_start_a_run_of_one_name_at_once(
    wanted: starting.Wanted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starting.Wanted, "new_run_id", lambda _: "other-1")
    before = tmp_path / starting.FOLDER / "other-1"
    before.mkdir(parents=True)
    with pytest.raises(InputError, match="just started by another visitor"):
        starting.start_here(wanted)
    assert before.is_dir()


@pytest.mark.parametrize(
    ("state", "is_over", "text"),
    [
        (Scheduled(), False, "prefect worker start --pool workforce"),
        (Running(), False, "is running on the server"),
        (Failed(message="no file settings.yaml"), True, "no file settings.yaml"),
        (Completed(), False, "not in this directory"),
    ],
)
def test_a_run_on_a_server_is_followed_there(
    state: State[Any], is_over: bool, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = SimpleNamespace(state=state)
    monkeypatch.setattr(SyncPrefectClient, "read_flow_run", lambda *_: found)
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:1/api"}):
        seen = starting.on_server(uuid4())
    assert seen.is_over == is_over and text in seen.text


def test_a_saved_scenario_has_years_as_numbers() -> None:
    text = scenario_yaml("one", "why", {"compensation.cola_rate": {"2027": 0.01, "2028": 0.02}})
    assert yaml.safe_load(text)["overrides"] == {"compensation.cola_rate": {2027: 0.01, 2028: 0.02}}


def test_the_range_of_a_slider_holds_the_present_value() -> None:
    settings = settings_with(workforce={"total_termination_rate": Yearly(0.7)})
    found: dict[str, Lever] = {lever.name: lever for lever in levers_of(settings)}
    assert found["turnover"].highest == 70
