"""The settings of a year as a replicate draws them: the formulas of docs/models.md, apart from the SQL."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

import scipy.linalg

from settings import Settings
from settings.models.uncertainty import Uncertainty
from tests.simulation.model.arithmetic import draw_of_text
from tests.simulation.model.policy import NO_VALUE, Factors, Policy, Rate

Key = tuple[str, str | None, str | None, str | None]  # rate, cause, attribute, value


@dataclass(frozen=True)
class Drawn:
    """What a replicate draws."""

    uncertainty: Uncertainty | None
    settings: Settings
    replicate: int

    @property
    def luck_replicate(self) -> int:
        """The replicate whose draws the people have."""
        return self.replicate if "chance" in self.settings.simulation.vary else 1

    def normal(self, stream: str, name: str) -> float:
        """A standard normal draw by the method of Box and Muller."""
        start = f"{self.settings.simulation.random_seed}|{self.replicate}|{stream}|{name}"
        first, second = draw_of_text(f"{start}|1"), draw_of_text(f"{start}|2")
        return math.sqrt(-2 * math.log(1 - first)) * math.cos(2 * math.pi * second)

    def deviations(self) -> dict[Key, float]:
        """The log deviation of each parameter."""
        found = self.uncertainty
        if found is None or "parameters" not in self.settings.simulation.vary or not found.parameters:
            return {}
        root = scipy.linalg.sqrtm(found.covariance).real
        normals = [self.normal("parameter", one.name) for one in found.parameters]
        return {
            (one.rate, one.cause, one.attribute, one.value): sum(
                loading * normal for loading, normal in zip(row, normals, strict=True)
            )
            for one, row in zip(found.parameters, root, strict=True)
        }

    def year_effect(self, rate: str, year: int) -> float:
        """The log effect of a year on a rate."""
        effects = {one.rate: one.scales for one in self.uncertainty.year_effects} if self.uncertainty else {}
        if rate not in effects:
            return 0.0
        if "years" not in self.settings.simulation.vary:
            return sum(scale.probability * scale.level_mean for scale in effects[rate])
        seed = self.settings.simulation.random_seed
        left = draw_of_text(f"{seed}|{self.replicate}|year_effect|{rate}|scale")
        scale = effects[rate][-1]
        for one in effects[rate]:
            if left < one.probability:
                scale = one
                break
            left -= one.probability
        years = range(self.settings.simulation.start_year, year + 1)
        return (
            scale.level_mean
            + scale.level_sd * self.normal("year_effect", f"{rate}|level")
            + scale.walk_sd * sum(self.normal("year_effect", f"{rate}|walk|{each}") for each in years)
            + scale.independent_sd * self.normal("year_effect", f"{rate}|year|{year}")
        )


def drawn_policy(rules: Policy, drawn: Drawn) -> Policy:
    """The policy of a year with the replicate's deviations and the year's effects."""
    deviations = drawn.deviations()

    def effect(rate: str, year_rate: str, cause: str | None = None) -> float:
        return deviations.get((rate, cause, None, None), 0.0) + drawn.year_effect(year_rate, rules.year)

    def rate_of(found: Rate, name: str, cause: str | None = None) -> Rate:
        base = float(found.base) * math.exp(effect(name, name, cause))
        return Rate(base, _factors(found.factors, deviations, name, cause))  # type: ignore[arg-type]

    total = effect("total_termination", "termination")
    hires = effect("new_hire_termination", "new_hire_termination")
    return replace(
        rules,
        termination_rate=_share(rules.termination_rate, total, 1),
        new_hire_rate=_share(rules.new_hire_rate, hires, max(0.95, float(rules.new_hire_rate))),
        cola_rate=_raise(rules.cola_rate, effect("cola", "raises"), min(0.0, float(rules.cola_rate))),
        merit_budget=_raise(rules.merit_budget, effect("merit", "none"), 0.0),
        causes=tuple(replace(one, rate=rate_of(one.rate, "termination", one.name)) for one in rules.causes),
        promotion=rate_of(rules.promotion, "promotion"),
        transfer=rules.transfer and replace(rules.transfer, rate=rate_of(rules.transfer.rate, "transfer")),
        segments=tuple(
            one
            if one.termination_rate is None
            else replace(one, termination_rate=_share(one.termination_rate, total, 1))
            for one in rules.segments
        ),
    )


def _factors(factors: Factors, deviations: Mapping[Key, float], rate: str, cause: str | None) -> Factors:
    found = {attribute: dict(values) for attribute, values in factors.items()}
    for (of, of_cause, attribute, key), deviation in deviations.items():
        if (of, of_cause) == (rate, cause) and attribute is not None and key is not None:
            is_dimension = attribute not in ("age", "tenure", "level")
            value = None if is_dimension and key == NO_VALUE else key
            values = found.setdefault(attribute, {})
            values[value] = float(values.get(value, 1)) * math.exp(deviation)  # type: ignore[assignment]
    return found


def _share(share: Decimal, effect: float, most: float) -> Decimal:
    return share if effect == 0 else Decimal(f"{min(most, float(share) * math.exp(effect)):.12f}")


def _raise(rate: Decimal, effect: float, least: float) -> Decimal:
    if effect == 0:
        return rate
    return Decimal(f"{min(1.0, max(least, (1 + float(rate)) * math.exp(effect) - 1)):.6f}")
