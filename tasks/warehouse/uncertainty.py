"""The input tables of uncertain assumptions: what varies, how much, and from which draws.

SQL draws and sums (int_parameter_deviations, int_year_effects). Computed here is only the square root of the
covariance, which SQL has no function for.
"""

from collections.abc import Sequence

import numpy as np

from settings.models.uncertainty import Scale, UncertainParameter, Uncertainty, YearEffect
from settings.models.workforce import ATTRIBUTES, value_of
from tasks.warehouse.database import InputRow

#: Columns of the tables.
PARAMETERS = (
    "parameter_number integer, parameter varchar, rate varchar, cause varchar, attribute varchar, "
    "value varchar, loadings double[]"
)
YEAR_EFFECT_SCALES = (
    "rate varchar, scale_number integer, probability double, level_mean double, level_sd double, "
    "walk_sd double, independent_sd double"
)
#: Eigenvalues up to this share of the largest are rounding errors of 0.
NEGLIGIBLE = 1e-12
DIGITS = 12


def parameter_rows(uncertainty: Uncertainty | None, vary: Sequence[str]) -> list[InputRow]:
    """Return the rows of inputs.uncertain_parameters; parameters that do not vary have none."""
    if uncertainty is None or "parameters" not in vary or not uncertainty.parameters:
        return []
    roots = square_root(uncertainty.covariance)
    entries = zip(uncertainty.parameters, roots, strict=True)
    return [_parameter_row(number, *entry) for number, entry in enumerate(entries, start=1)]


def scale_rows(uncertainty: Uncertainty | None, vary: Sequence[str]) -> list[InputRow]:
    """Return the rows of inputs.year_effect_scales.

    Year effects that do not vary keep their mean, so that the centre of the results stays: one scale without
    deviations.
    """
    return [
        (effect.rate, number, *scale.model_dump().values())
        for effect in (uncertainty.year_effects if uncertainty else ())
        for number, scale in enumerate(effect.scales if "years" in vary else [_mean_of(effect)], start=1)
    ]


def square_root(covariance: Sequence[Sequence[float]]) -> list[list[float]]:
    """Return the symmetric square root of a positive semidefinite matrix: A with A A = covariance.

    Unlike the Cholesky factor it exists if parameters depend on each other, and is unique, so that draws do
    not depend on the library of linear algebra; it is rounded to twelve digits for the same reason.
    """
    matrix = np.array(covariance, dtype=float)
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    values[values <= NEGLIGIBLE * max(values.max(), 0.0)] = 0.0
    root = (vectors * np.sqrt(values)) @ vectors.T
    rounded: list[list[float]] = np.round((root + root.T) / 2, DIGITS).tolist()
    return rounded


def _parameter_row(number: int, parameter: UncertainParameter, loadings: list[float]) -> InputRow:
    return (
        number,
        parameter.name,
        parameter.rate,
        parameter.cause,
        parameter.attribute,
        _value(parameter),
        str(loadings),  # cast to a list by DuckDB, as all values from their text
    )


def _value(parameter: UncertainParameter) -> str | None:
    """Return the value as in inputs.factors: `null` is the empty value of a dimension."""
    if parameter.value is None or parameter.attribute in ATTRIBUTES:
        return parameter.value
    return value_of(parameter.value)


def _mean_of(effect: YearEffect) -> Scale:
    mean = sum(scale.probability * scale.level_mean for scale in effect.scales)
    return Scale(probability=1.0, level_mean=mean, level_sd=0.0, walk_sd=0.0, independent_sd=0.0)
