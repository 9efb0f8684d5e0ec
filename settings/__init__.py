"""Settings of the simulation: their models, their defaults, and loading from files, environment and flags.

Only this package reads settings files and WORKFORCE__ variables. Nothing here runs a simulation, reads a
census or imports Prefect or dbt.
"""

from settings.errors import InputError
from settings.loading.document import (
    ExplainedSetting,
    RecordedScenario,
    RecordedSettings,
    as_lines,
    explain,
    settings_document,
    settings_hash,
)
from settings.loading.layers import Origin
from settings.loading.loader import (
    ResolvedSettings,
    Scenario,
    default_settings,
    load_settings,
    settings_from_document,
)
from settings.loading.problems import Problem, SettingsError
from settings.loading.sources import FLAGS, secrets_apart
from settings.models.settings import Settings

__all__ = [
    "FLAGS",
    "ExplainedSetting",
    "InputError",
    "Origin",
    "Problem",
    "RecordedScenario",
    "RecordedSettings",
    "ResolvedSettings",
    "Scenario",
    "Settings",
    "SettingsError",
    "as_lines",
    "default_settings",
    "explain",
    "load_settings",
    "secrets_apart",
    "settings_document",
    "settings_from_document",
    "settings_hash",
]
