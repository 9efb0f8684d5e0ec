"""The uncertainty of a fit as the document that simulations draw from (settings/models/uncertainty.py)."""

from collections.abc import Iterator
from itertools import accumulate

import numpy as np

from settings.models.uncertainty import (
    HistorySource,
    Scale,
    UncertainParameter,
    UncertainRate,
    Uncertainty,
    YearEffect,
)
from tasks.evidence.estimate.credibility import EVENTS_OF_PRIOR, RateFit
from tasks.evidence.estimate.exposure import Array
from tasks.evidence.estimate.fit import Fitted
from tasks.evidence.estimate.level import without_level

Block = tuple[list[UncertainParameter], Array]


def uncertainty_of(fitted: Fitted) -> Uncertainty:
    """Return parameters with their covariance, and year effects.

    Rates are estimated apart from each other, so that their covariance has a block for each. How uncertain
    the level of a rate is belongs to its year effect; with several causes, how exits divide among them does
    not.
    """
    blocks = list(_blocks(fitted))
    size = sum(len(parameters) for parameters, _ in blocks)
    covariance = np.zeros((size, size))
    starts = accumulate((len(parameters) for parameters, _ in blocks), initial=0)
    for start, (parameters, block) in zip(starts, blocks, strict=False):
        end = start + len(parameters)
        covariance[start:end, start:end] = (block + block.T) / 2
    return Uncertainty(
        format=1,
        history=HistorySource(
            sha256=fitted.history.sha256, until=fitted.until, lists=len(fitted.history.dates)
        ),
        parameters=[parameter for parameters, _ in blocks for parameter in parameters],
        covariance=[[float(f"{value:.9g}") for value in row] for row in covariance.tolist()],
        year_effects=_year_effects(fitted),
    )


def _blocks(fitted: Fitted) -> Iterator[Block]:
    causes = fitted.terminations.causes
    for cause, rate in causes.items():
        level = without_level(rate.fitted) if len(causes) == 1 else rate.fitted.covariance
        yield _parameters(rate.fitted, "termination", cause), level
    if fitted.promotion:
        yield _parameters(fitted.promotion.fitted, "promotion"), without_level(fitted.promotion.fitted)
    if fitted.transfer:
        yield _parameters(fitted.transfer.fitted, "transfer"), without_level(fitted.transfer.fitted)
    in_hire_year = fitted.joiners.left_in_hire_year
    if in_hire_year:
        variance = (1 - in_hire_year.value) / (in_hire_year.events + EVENTS_OF_PRIOR)
        yield [UncertainParameter(rate="new_hire_termination")], np.array([[variance]])
    if fitted.raises:
        error = fitted.raises.movement**2 / max(int((~np.isnan(fitted.raises.average)).sum()), 1)
        yield [UncertainParameter(rate="cola")], np.array([[error]])


def _parameters(fit: RateFit, rate: UncertainRate, cause: str | None = None) -> list[UncertainParameter]:
    return [
        UncertainParameter(rate=rate, cause=cause),
        *(
            UncertainParameter(rate=rate, cause=cause, attribute=attribute.name, value=value)
            for attribute in fit.attributes
            for value in attribute.labels
        ),
    ]


def _year_effects(fitted: Fitted) -> list[YearEffect]:
    effects = [YearEffect(rate="termination", scales=fitted.terminations.total.effect.scales())]
    if fitted.promotion:
        effects.append(YearEffect(rate="promotion", scales=fitted.promotion.effect.scales()))
    if fitted.transfer:
        effects.append(YearEffect(rate="transfer", scales=fitted.transfer.effect.scales()))
    if fitted.raises:
        movement = round(fitted.raises.movement, 9)
        only = Scale(probability=1.0, level_sd=0.0, walk_sd=0.0, independent_sd=movement)
        effects.append(YearEffect(rate="raises", scales=[only]))
    return effects
