"""The one list of settings that shape results names every section, and keys that exist."""

import pytest

from settings import Settings, default_settings, settings_document
from settings.loading.document import leaves
from settings.models.shaping import EXCEPTIONS, SAMPLE, SECTIONS, Shapes, shapes_results, shapes_staff

KEYS = list(leaves(settings_document(default_settings())))


def test_every_section_is_named_as_shaping_results_or_not() -> None:
    assert list(SECTIONS) == list(Settings.model_fields)


@pytest.mark.parametrize("key", [*EXCEPTIONS, *SAMPLE])
def test_keys_that_are_told_apart_exist(key: str) -> None:
    assert [found for found in KEYS if f"{found}.".startswith(f"{key}.")]


def test_which_settings_shape_results() -> None:
    nothing = [section for section, shaped in SECTIONS.items() if shaped is Shapes.NOTHING]
    assert nothing == [
        "company",
        "history",
        "goals",
        "budget",
        "reforecast",
        "checks",
        "sla",
        "alerts",
        "machine",
        "dbt",
        "ensemble",
        "deployment",
    ]
    not_shaping = {key for key in KEYS if not shapes_results(key)}
    assert {key for key in not_shaping if key.partition(".")[0] not in nothing} == {
        *("census.path", "plan.actions", "simulation.uncertainty", "simulation.limits.min_growth"),
        *("simulation.limits.max_growth", "simulation.limits.max_years"),
    }
    assert [key for key in KEYS if key.startswith("simulation.") and shapes_staff(key)] == [
        "simulation.start_year",
        "simulation.fiscal_year_start",
        "simulation.opening_date",
        "simulation.target_growth_rate",
        "simulation.mode",
        "simulation.vary",
    ]
    assert not any(shapes_staff(key) for key in KEYS if key.startswith(("cost.", "census.")))


def test_a_section_of_another_version_is_taken_to_shape_results() -> None:
    assert shapes_results("section_of_old.key") and not shapes_staff("section_of_old.key")
    assert shapes_results("simulation.limitless"), "no key below simulation.limits"
