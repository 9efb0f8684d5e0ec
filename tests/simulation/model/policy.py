"""A scenario's settings of one year as plain values: the only module of the model that reads settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from settings import Settings
from settings.models.workforce import Cause as CauseSettings
from settings.models.workforce import PromotionSettings, TransferSettings
from tests.simulation.model.fiscal import Period, period
from tests.simulation.model.people import Place

#: Attribute → value → multiplier; age and tenure by band, level as text. What is not named has 1.
Factors = Mapping[str, Mapping[str | None, Decimal]]
#: Twelve weights of a day by month, or none: all days alike.
Months = tuple[Decimal, ...] | None
#: How keys of settings name the empty value of a dimension.
NO_VALUE = "null"


@dataclass(frozen=True)
class Rate:
    """A hazard: base and factors."""

    base: Decimal
    factors: Factors


@dataclass(frozen=True)
class Cause:
    """A cause of leaving."""

    name: str
    rate: Rate
    min_age: int
    min_tenure: int
    mandatory_age: int | None


@dataclass(frozen=True)
class Transfer:
    """Random transfers: how often, in which dimension, and shares by destination (none: by headcount)."""

    rate: Rate
    by: str
    to: Mapping[str | None, Decimal] | None


@dataclass(frozen=True)
class Segment:
    """A part of the workforce with targets; the last one of a policy has no `where`: it is the rest."""

    name: str
    where: Mapping[str, str | None]
    growth: Decimal
    headcount: int | None
    termination_rate: Decimal | None
    closes_gap: bool = False


@dataclass(frozen=True)
class Policy:
    """What the settings say of a year; its rates are those of a whole year, also of a stub."""

    year: int
    period: Period
    seed: int
    mode: str
    dimensions: tuple[str, ...]
    growth: Decimal
    termination_rate: Decimal
    new_hire_rate: Decimal
    causes: tuple[Cause, ...]
    promotion: Rate
    level_damping: Decimal
    raise_min: Decimal
    raise_max: Decimal
    transfer: Transfer | None
    age_bands: tuple[list[int], tuple[str, ...]]
    tenure_bands: tuple[list[int], tuple[str, ...]]
    levels: Mapping[int, tuple[Decimal, Decimal]]
    termination_months: Months
    cola_rate: Decimal
    merit_budget: Decimal
    merit_spread: Decimal
    merit_multipliers: Mapping[int, Decimal]
    cutoff: date
    dates: Mapping[str, list[tuple[date, Decimal]]]
    enforce_minimum: bool
    level_mix: Mapping[int, Decimal]
    age_weights: Mapping[int, Decimal]
    dimension_mix: Mapping[Place, Decimal] | None
    fte_mix: Mapping[Decimal, Decimal] | None
    hires: int | None
    hire_months: Months
    by: tuple[str, ...]
    segments: tuple[Segment, ...]

    @property
    def top_level(self) -> int:
        """The highest level."""
        return max(self.levels)

    @property
    def new_hire_quota(self) -> Decimal:
        """The share of the hires who leave in the days that are simulated."""
        return self.period.rate(self.new_hire_rate)


def policy(settings: Settings, year: int, dimensions: tuple[str, ...] = ()) -> Policy:
    """Read the settings of a year; `dimensions` are those of the census, in its order."""
    simulation, workforce = settings.simulation, settings.workforce
    compensation, hiring = settings.compensation, settings.hiring
    cutoff, part = compensation.eligibility_cutoff, period(simulation, year)
    by, segments = _segments(settings, year)
    return Policy(
        year=year,
        period=part,
        seed=simulation.random_seed,
        mode=simulation.mode,
        dimensions=dimensions,
        growth=simulation.target_growth_rate.at(year),
        termination_rate=workforce.total_termination_rate.at(year),
        new_hire_rate=workforce.new_hire_termination_rate.at(year),
        causes=_causes(settings, year),
        promotion=_rate(workforce.promotion, year),
        level_damping=workforce.promotion.level_damping,
        raise_min=workforce.promotion_raise.min,
        raise_max=workforce.promotion_raise.max,
        transfer=_transfer(settings, year),
        age_bands=(workforce.age_bands, workforce.age_band_labels),
        tenure_bands=(workforce.tenure_bands, workforce.tenure_band_labels),
        levels={
            number: (level.min_salary.at(year), level.max_salary.at(year))
            for number, level in sorted(workforce.levels.items())
        },
        termination_months=_months(workforce.termination_months),
        cola_rate=compensation.cola_rate.at(year),
        merit_budget=compensation.merit_budget.at(year),
        merit_spread=compensation.merit_spread,
        merit_multipliers=compensation.merit_multipliers,
        cutoff=period(simulation, year + cutoff.year_offset).date_of(cutoff.month, cutoff.day),
        dates={
            kind: [(part.date_of(*map(int, day.split("-"))), share) for day, share in sorted(shares.items())]
            for kind, shares in compensation.effective_dates
        },
        enforce_minimum=compensation.enforce_minimum,
        level_mix=hiring.level_mix,
        age_weights=hiring.age_weights,
        dimension_mix=None
        if hiring.dimension_mix is None
        else {
            tuple(entry.values.get(name) for name in dimensions): entry.share
            for entry in hiring.dimension_mix
        },
        fte_mix=hiring.fte_mix,
        hires=None if hiring.hires is None else hiring.hires.at(year),
        hire_months=_months(hiring.months),
        by=by,
        segments=segments,
    )


def _months(weights: list[Decimal] | None) -> Months:
    return None if weights is None else tuple(weights)


def _value(key: str) -> str | None:
    return None if key == NO_VALUE else key


def _rate(found: CauseSettings | PromotionSettings | TransferSettings, year: int) -> Rate:
    return Rate(
        found.base.at(year),
        {
            attribute: {_value(key): factor for key, factor in factors.items()}
            for attribute, factors in found.factors.items()
        },
    )


def _causes(settings: Settings, year: int) -> tuple[Cause, ...]:
    return tuple(
        Cause(
            name,
            _rate(one, year),
            one.eligible.min_age if one.eligible else 0,
            one.eligible.min_tenure if one.eligible else 0,
            one.mandatory_age,
        )
        for name, one in settings.workforce.termination.items()
    )


def _transfer(settings: Settings, year: int) -> Transfer | None:
    found = settings.workforce.transfer
    if found is None:
        return None
    to = None if found.to is None else {_value(key): share for key, share in found.to.items()}
    return Transfer(_rate(found, year), found.by, to)


def _segments(settings: Settings, year: int) -> tuple[tuple[str, ...], tuple[Segment, ...]]:
    """The attributes by which segments differ, and the segments in order, the rest last."""
    growth, targets = settings.simulation.target_growth_rate.at(year), settings.targets
    if targets is None:
        return (), (Segment("all", {}, growth, None, None),)
    found = []
    for one in targets.segments:
        where = {name: one.where[name] for name in targets.by if name in one.where}
        found.append(
            Segment(
                ", ".join(f"{name}={value or NO_VALUE}" for name, value in where.items()),
                where,
                growth if one.growth is None else one.growth.at(year),
                None if one.headcount is None else one.headcount.at(year),
                None if one.termination_rate is None else one.termination_rate.at(year),
            )
        )
    rest = Segment("others", {}, growth, None, None, closes_gap=targets.others == "balance")
    return tuple(targets.by), (*found, rest)
