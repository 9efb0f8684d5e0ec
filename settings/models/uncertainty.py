"""The document `uncertainty.json`: how uncertain the assumptions of a run are, as estimated from history.

`workforce fit` writes it beside the settings of the same fit, and `simulation.uncertainty` names it.
Nothing here is a setting: this module is imported only where such a file is read or written.
"""

import hashlib
from datetime import date
from typing import Annotated, Literal

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from settings.models.base import NOT_BOOLEAN, unique_key

#: The only format so far, and the largest number of parameters: beyond, a file is not made by a fit.
FORMAT = 1
MOST_PARAMETERS = 2000

#: Rates whose base and factors may vary, and those that are one number.
RATES_WITH_FACTORS = ("termination", "promotion", "transfer")
SINGLE_RATES = ("total_termination", "new_hire_termination", "cola", "merit")
UncertainRate = Literal[
    "termination", "promotion", "transfer", "total_termination", "new_hire_termination", "cola", "merit"
]
#: Rates that move together from year to year; `raises` acts on the general increase.
YearRate = Literal["termination", "new_hire_termination", "promotion", "transfer", "raises"]

Finite = Annotated[float, Field(allow_inf_nan=False), NOT_BOOLEAN]
Deviation = Annotated[float, Field(ge=0, le=5, allow_inf_nan=False), NOT_BOOLEAN]

#: Largest variance of a logarithm: beyond, a parameter says nothing.
MOST_VARIANCE = 25

#: Rounding errors accepted in a covariance (share of its largest value) and in a sum of probabilities.
TOLERANCE = 1e-8


class _Part(BaseModel):
    """Base of the document's parts: immutable, unknown keys are errors, numbers are not read from texts."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class HistorySource(_Part):
    """The history from which the document was estimated."""

    sha256: str = Field(min_length=1, max_length=128, description="Hash of the history's files")
    until: Annotated[date, Field(strict=False)] = Field(description="The last day that was known")
    lists: Annotated[int, Field(ge=1)] = Field(description="Number of lists, or of years of an events file")


class UncertainParameter(_Part):
    """A rate's base (attribute and value null), or one of its factors."""

    rate: UncertainRate
    cause: Annotated[str, Field(min_length=1)] | None = Field(
        default=None, description="Cause of termination; null for other rates"
    )
    attribute: Annotated[str, Field(min_length=1)] | None = Field(
        default=None, description="age, tenure, level or a dimension; null: the base"
    )
    value: str | None = Field(default=None, description="Band, level or value, as a key of `factors`")

    @property
    def name(self) -> str:
        """The unique name, to which its draws belong: `termination voluntary age <25`."""
        return " ".join(filter(None, (self.rate, self.cause, self.attribute, self.value)))

    @model_validator(mode="after")
    def _is_a_parameter(self) -> "UncertainParameter":
        if (self.rate == "termination") != (self.cause is not None):
            raise ValueError("rate termination needs a cause, and the other rates have none")
        if (self.attribute is None) != (self.value is None):
            raise ValueError("a factor has both attribute and value, a base has neither")
        if self.attribute is not None and self.rate not in RATES_WITH_FACTORS:
            raise ValueError(
                f"{self.rate} is one number, so attribute and value must be null; "
                f"rates with factors: {', '.join(RATES_WITH_FACTORS)}"
            )
        return self


class Scale(_Part):
    """One possible size of a year effect: standard deviations of the logarithm of the rate."""

    probability: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False), NOT_BOOLEAN] = Field(
        description="How likely this size is"
    )
    level_mean: Annotated[float, Field(ge=-5, le=5, allow_inf_nan=False), NOT_BOOLEAN] = Field(
        default=0.0, description="Mean of the level at the end of the history (log)"
    )
    level_sd: Deviation = Field(description="How uncertain the level at the end of the history is (log)")
    walk_sd: Deviation = Field(description="How far the level moves in a year (log)")
    independent_sd: Deviation = Field(description="What a year deviates on its own (log)")


def _adds_to_one(scales: list[Scale]) -> list[Scale]:
    total = sum(scale.probability for scale in scales)
    if abs(total - 1) > TOLERANCE:
        raise ValueError(f"the probabilities must add up to 1, they add up to {total:.10g}")
    return scales


class YearEffect(_Part):
    """The year effect of a rate: the points of which each replicate draws one."""

    rate: YearRate
    scales: Annotated[list[Scale], Field(min_length=1, max_length=10_000), AfterValidator(_adds_to_one)] = (
        Field(description="Points of the distribution of the size, with their probabilities")
    )


class Uncertainty(_Part):
    """The whole document.

    Per replicate the logarithms of the parameters deviate by one draw of N(0, covariance); for cola and merit
    it is log(1 + x). The log effect of the j-th simulated year on a rate is, with a point of `scales` drawn
    per replicate and independent standard normal draws z and e,
    level_mean + level_sd z0 + walk_sd (z1 + ... + zj) + independent_sd ej.
    """

    format: Literal[1] = Field(description="Number of the document's format")
    history: HistorySource
    parameters: Annotated[
        list[UncertainParameter],
        Field(max_length=MOST_PARAMETERS),
        AfterValidator(unique_key("parameter", "name")),
    ] = Field(description="What may vary, in the order of the covariance")
    covariance: list[list[Finite]] = Field(
        description="Covariance of the logarithms, in the order of the parameters"
    )
    year_effects: Annotated[list[YearEffect], AfterValidator(unique_key("year effect", "rate"))]

    @model_validator(mode="after")
    def _covariance_is_one(self) -> "Uncertainty":
        size = len(self.parameters)
        rows = [len(row) for row in self.covariance]
        if len(rows) != size or any(columns != size for columns in rows):
            wrong = next((f"row {i + 1} has {n} numbers" for i, n in enumerate(rows) if n != size), "")
            found = f"{len(rows)} rows" + (f", and {wrong}" if wrong else "")
            raise ValueError(
                f"covariance: {size} rows of {size} numbers are expected, one per parameter; found {found}"
            )
        if not size:
            return self
        matrix = np.array(self.covariance)
        for number, variance in enumerate(np.diag(matrix).tolist(), start=1):
            if variance > MOST_VARIANCE:
                name = self.parameters[number - 1].name
                raise ValueError(
                    f"covariance: row {number}, column {number} is the variance of the logarithm of {name}: "
                    f"at most {MOST_VARIANCE} is allowed, found {variance:.6g}"
                )
        slack = TOLERANCE * max(float(np.abs(matrix).max()), TOLERANCE)
        apart = np.abs(matrix - matrix.T)
        if apart.max() > slack:
            row, column = (int(place) for place in np.unravel_index(apart.argmax(), apart.shape))
            raise ValueError(
                f"covariance: it must be symmetric, but row {row + 1}, column {column + 1} is "
                f"{matrix[row, column]:.6g} and row {column + 1}, column {row + 1} "
                f"is {matrix[column, row]:.6g}"
            )
        lowest = float(np.linalg.eigvalsh((matrix + matrix.T) / 2).min())
        if lowest < -slack * size:
            raise ValueError(
                "covariance: it must be positive semidefinite (no combination of parameters has a negative "
                f"variance), but its lowest eigenvalue is {lowest:.6g}"
            )
        return self

    @property
    def sha256(self) -> str:
        """The SHA-256 (hex) of `as_json`: of the content, however the file was written."""
        return hashlib.sha256(self.as_json().encode()).hexdigest()

    def as_json(self) -> str:
        """Return the document as the text of a file; equal documents give equal texts."""
        return self.model_dump_json(indent=1) + "\n"
