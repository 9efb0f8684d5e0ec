"""A fit as settings: the value of each key, with the exits, exposure and interval that it rests on."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

import numpy as np

from settings import Settings
from settings.loading.layers import FROM_HISTORY
from settings.models.workforce import Factors
from tasks.evidence.estimate.commented import REMOVED, Entry, Path
from tasks.evidence.estimate.estimate import Estimate, Z
from tasks.evidence.estimate.factors import factors_of
from tasks.evidence.estimate.fit import Fitted
from tasks.evidence.estimate.in_force import bands_in_force
from tasks.evidence.estimate.rates import Rate
from tasks.evidence.estimate.rebanding import rebanded

DIGITS, DIGITS_OF_FACTOR, DIGITS_OF_PAY = 6, 4, 4
#: Money in the settings is rounded to this (currency units).
PAY_UNIT = 100


def entries(fitted: Fitted, settings: Settings, uncertainty: str) -> Iterator[Entry]:
    """Yield the settings of a fit.

    `settings` are those in force before, whose causes and factors that the history does not support are
    removed; `uncertainty` is the path of the document with the covariance.
    """
    yield Entry(("simulation", "uncertainty"), uncertainty, _of("covariance and year effects of this fit"))
    yield from _bands(fitted, settings)
    total = fitted.total_rate
    yield Entry(
        ("workforce", "total_termination_rate"),
        _rounded(total.value, DIGITS),
        _of(f"expected in the year after {fitted.until}; {_evidence(total, 'exits')}"),
    )
    if fitted.joiners.left_in_hire_year:
        rate = fitted.joiners.left_in_hire_year
        text = f"{fitted.joiners.left_after_hire}; {_interval(rate.low, rate.high)}"
        yield Entry(("workforce", "new_hire_termination_rate"), _rounded(rate.value, DIGITS), _of(text))
    yield from _terminations(fitted, settings)
    yield from _promotion(fitted, settings)
    yield from _transfer(fitted)
    yield from rebanded(fitted, settings)
    yield from _raises(fitted)
    yield from _hires(fitted, settings)


def overlapping_pay(fitted: Fitted, settings: Settings) -> str | None:
    """Return why hires' pay cannot be the levels' range of pay; None if it can, or is not known."""
    if not fitted.joiners.pay or _level_pay(fitted, settings):
        return None
    return "the lowest pay of hires must rise from level to level, and it does not"


def _bands(fitted: Fitted, settings: Settings) -> Iterator[Entry]:
    in_force = bands_in_force(settings)
    for name, bounds in fitted.terminations.bands.items():
        is_kept = list(bounds) == in_force[name]
        comment = "as before the fit" if is_kept else _of("bands in which exit rates are about equal")
        yield Entry(("workforce", f"{name}_bands"), list(bounds), comment)


def _terminations(fitted: Fitted, settings: Settings) -> Iterator[Entry]:
    found = fitted.terminations
    for cause, rate in found.causes.items():
        path: Path = ("workforce", "termination", cause)
        yield from _rate(rate, path, "exits")
        known = settings.workforce.termination.get(cause)
        yield from _outdated(known.factors if known else {}, fitted, path, found.attributes)
    for cause in settings.workforce.termination:
        if cause not in found.causes:
            yield Entry(("workforce", "termination", cause), REMOVED, "no exits for such a reason")
    if fitted.joiners.exit_months:
        yield Entry(("workforce", "termination_months"), list(fitted.joiners.exit_months), _of("exit dates"))


def _promotion(fitted: Fitted, settings: Settings) -> Iterator[Entry]:
    rate = fitted.promotion
    path: Path = ("workforce", "promotion")
    if rate:
        yield from _rate(rate, path, "promotions")
        names = [attribute.name for attribute in rate.fitted.attributes]
        yield from _outdated(settings.workforce.promotion.factors, fitted, path, names)
        yield Entry((*path, "level_damping"), 0, _of("levels have factors of their own, or none"))
    raised = fitted.raises.promotion if fitted.raises else None
    if raised:
        low, high, number = raised
        text = _of(
            f"tenth and ninetieth percentile of {number:,} promotions, beyond the year's average raise"
        )
        yield Entry(("workforce", "promotion_raise", "min"), _rounded(low, DIGITS_OF_PAY), text)
        yield Entry(("workforce", "promotion_raise", "max"), _rounded(high, DIGITS_OF_PAY), text)


def _transfer(fitted: Fitted) -> Iterator[Entry]:
    if fitted.transfer:
        path: Path = ("workforce", "transfer")
        yield Entry((*path, "by"), fitted.transfer_by)
        yield from _rate(fitted.transfer, path, "transfers")


def _raises(fitted: Fitted) -> Iterator[Entry]:
    raises = fitted.raises
    if raises is None:
        return
    for key, estimate, what in (
        ("cola_rate", raises.cola, "the raise that many have in common, or the tenth percentile"),
        ("merit_budget", raises.merit, "the rest of the average raise"),
    ):
        text = f"{what}; {estimate.events:,.0f} raises; {_interval(estimate.low, estimate.high)}"
        yield Entry(("compensation", key), _rounded(estimate.value, DIGITS_OF_PAY), _of(text))


def _hires(fitted: Fitted, settings: Settings) -> Iterator[Entry]:
    joiners = fitted.joiners
    text = _of(f"{joiners.hires:,} hires")
    if joiners.level_mix and set(joiners.level_mix) <= set(settings.workforce.levels):
        yield Entry(("hiring", "level_mix"), dict(joiners.level_mix), text)
    if joiners.age_weights:
        yield Entry(("hiring", "age_weights"), dict(joiners.age_weights), text)
    if joiners.fte_mix:
        yield Entry(("hiring", "fte_mix"), dict(joiners.fte_mix), text)
    if joiners.dimension_mix:
        mix = [{"values": dict(values), "share": share} for values, share in joiners.dimension_mix]
        yield Entry(("hiring", "dimension_mix"), mix, text)
    if joiners.months:
        yield Entry(("hiring", "months"), list(joiners.months), text)
    for level, (low, high) in _level_pay(fitted, settings).items():
        number = joiners.pay[level][2] if level in joiners.pay else 0
        if number:
            of_level = _of(f"pay of {number:,} hires, fifth to ninety-fifth percentile, at {fitted.until}")
            path = ("workforce", "levels", str(level))
            yield Entry((*path, "min_salary"), low, of_level)
            yield Entry((*path, "max_salary"), high, of_level)


def _level_pay(fitted: Fitted, settings: Settings) -> dict[int, tuple[int, int]]:
    """Return lowest and highest pay of every level, with those of hires where known; none if out of order."""
    year = settings.simulation.start_year
    found: dict[int, tuple[int, int]] = {}
    for number, level in sorted(settings.workforce.levels.items()):
        low, high = float(level.min_salary.at(year)), float(level.max_salary.at(year))
        if number in fitted.joiners.pay:
            low, high = fitted.joiners.pay[number][:2]
        found[number] = round(low / PAY_UNIT) * PAY_UNIT, round(high / PAY_UNIT) * PAY_UNIT
    lows = [low for low, _ in found.values()]
    in_order = all(one < other for one, other in pairwise(lows))
    return found if in_order and all(low <= high for low, high in found.values()) else {}


def _rate(rate: Rate, path: Path, events: str) -> Iterator[Entry]:
    """Yield base and factors of a rate."""
    now = float(np.exp(rate.effect.level)) - 1
    yield Entry(
        (*path, "base"),
        _rounded(rate.base_now, DIGITS),
        _of(f"{_percent(now)} against the average of all years; {_evidence(_base_of(rate), events)}"),
    )
    for each in factors_of(rate.fitted):
        yield Entry(
            (*path, "factors", each.attribute, each.value),
            _rounded(min(each.estimate.value, 1000.0), DIGITS_OF_FACTOR),
            _of(_evidence(each.estimate, events)),
        )


def _base_of(rate: Rate) -> Estimate:
    """Return the base with the uncertainty of its present level."""
    spread = float(np.exp(Z * rate.effect.level_deviation))
    exposure = rate.fitted.exposure
    return Estimate(
        rate.base_now,
        rate.base_now / spread,
        rate.base_now * spread,
        float(exposure.events.sum()),
        float(exposure.person_years.sum()),
    )


def _outdated(factors: Factors, fitted: Fitted, path: Path, estimated: Sequence[str]) -> Iterator[Entry]:
    """Yield the removal of factors in force that the history could have shown and does not support.

    Without it a factor of the settings before the fit would apply to a base that was estimated without it.
    """
    for attribute, table in factors.items():
        if attribute in fitted.newest.columns and attribute not in estimated:
            for value in table:
                yield Entry((*path, "factors", attribute, value), REMOVED, "does not help to predict")


def _rounded(value: float, digits: int) -> Decimal:
    return Decimal(f"{value:.{digits}f}")


def _of(text: str) -> str:
    return f"{FROM_HISTORY}{text}"


def _evidence(estimate: Estimate, events: str) -> str:
    return (
        f"{estimate.events:,.0f} {events} in {estimate.exposure:,.0f} person-years; "
        f"{_interval(estimate.low, estimate.high)}"
    )


def _interval(low: float, high: float) -> str:
    return f"90 % interval {low:.4g} to {high:.4g}"


def _percent(share: float) -> str:
    return f"{100 * share:+.1f} %"
