"""Building blocks of every settings group: the model base, number types and `Yearly`.

Numbers are `Decimal` so that 0.57 is 0.57: the simulation's rounding R(x) would
differ for doubles. The types carry the bounds; default values are only in
defaults.yaml.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

# Schema marker of a mapping whose entries are overridden one by one (levels, causes,
# factors). Every other mapping (year -> number, date -> share) is replaced whole.
MERGED = "x-merged"

# Union tags: pydantic puts them into the location of an error, and problems.py removes
# them. No key of a setting can look like this.
NUMBER_TAG, YEARS_TAG = "<number>", "<years>"


T = TypeVar("T")
K = TypeVar("K")


class SettingsGroup(BaseModel):
    """Base of a group of settings: immutable, unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


def _no_boolean(value: Any) -> Any:
    if isinstance(value, bool):  # Python accepts True as an int
        raise ValueError("a whole number is expected here, not true or false")
    return value


def no_null_character(path: T) -> T:
    """Refuse a path or URL with a null character."""
    if "\0" in str(path):  # the operating system would end the name there
        raise ValueError("a path cannot contain a null character")
    return path


def expand_home(path: str | Path) -> Path:
    """Return the path with a leading `~` or `~user` replaced by the home folder, if that is known."""
    return Path(os.path.expanduser(path))


# Comes last in an annotation: before the bounds it would hide them from the JSON Schema.
NOT_BOOLEAN = BeforeValidator(_no_boolean)
Year = Annotated[int, Field(ge=1900, le=2200), NOT_BOOLEAN]
LevelId = Annotated[int, Field(ge=1, le=1000), NOT_BOOLEAN]
Share = Annotated[Decimal, Field(ge=0, le=1, decimal_places=12)]
Multiplier = Annotated[Decimal, Field(ge=0, le=1000, decimal_places=12)]
FilePath = Annotated[Path, AfterValidator(no_null_character), AfterValidator(expand_home)]
Money = Annotated[Decimal, Field(ge=0, le=Decimal("999999999.99"), decimal_places=2)]


class Yearly(Generic[T]):  # noqa: PLW1641 - its mapping has no hash either
    """One number for all years, or a mapping year -> number.

    Not a dataclass: pydantic would treat it as a group with a key `value`.
    """

    def __init__(self, value: T | Mapping[int, T]) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Yearly) and bool(self.value == other.value)

    def __repr__(self) -> str:
        return f"Yearly({self.value!r})"

    def at(self, year: int) -> T:
        """Return the number for a year. Raises KeyError if the mapping lacks the year."""
        return self.value[year] if isinstance(self.value, Mapping) else self.value

    def covers(self, year: int) -> bool:
        """Return whether there is a number for the year."""
        return not isinstance(self.value, Mapping) or year in self.value

    def items(self) -> Iterable[tuple[int | None, T]]:
        """Yield (year, number); the year is None if one number applies to all years."""
        return self.value.items() if isinstance(self.value, Mapping) else ((None, self.value),)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Validate a number or a mapping, each by the number's own bounds."""
        number = handler.generate_schema(get_args(source)[0])
        years = core_schema.dict_schema(handler.generate_schema(Year), number, min_length=1)
        either = core_schema.tagged_union_schema(
            {NUMBER_TAG: number, YEARS_TAG: years},
            discriminator=lambda value: YEARS_TAG if isinstance(value, Mapping) else NUMBER_TAG,
        )
        unwrapped = core_schema.no_info_before_validator_function(
            lambda value: value.value if isinstance(value, cls) else value, either
        )
        return core_schema.no_info_after_validator_function(
            cls, unwrapped, serialization=core_schema.plain_serializer_function_ser_schema(lambda y: y.value)
        )


def sums_to_one(shares: Mapping[K, Decimal]) -> Mapping[K, Decimal]:
    """Refuse shares that do not add up to exactly 1."""
    total = sum(shares.values(), Decimal(0))
    if total != 1:
        raise ValueError(f"the shares must add up to exactly 1, they add up to {total.normalize():f}")
    return shares


def some_weight(weights: list[Decimal]) -> list[Decimal]:
    """Refuse weights that are all 0."""
    if not any(weights):
        raise ValueError("at least one weight above 0 is expected")
    return weights


def month_day(text: str) -> str:
    """Refuse a text that is not a date MM-DD of every year."""
    try:
        date.fromisoformat(f"2025-{text}")  # 2025 is not a leap year, so 02-29 is refused
    except ValueError:
        raise ValueError("a date MM-DD that every year has is expected, such as 04-01") from None
    return text


def unique(what: str) -> Callable[[list[T]], list[T]]:
    """Return a validator that refuses a list with duplicates; `what` names an item in the message."""

    def check(values: list[T]) -> list[T]:
        duplicates = sorted({str(value) for value in values if values.count(value) > 1})
        if duplicates:
            raise ValueError(f"each {what} may occur only once; found twice: {', '.join(duplicates)}")
        return values

    return check


def unique_key(what: str, key: str) -> Callable[[list[T]], list[T]]:
    """Return a validator that refuses a list in which two groups have the same value of `key`."""

    def check(groups: list[T]) -> list[T]:
        if len({getattr(group, key) for group in groups}) < len(groups):
            raise ValueError(f"each {what} needs a unique {key}")
        return groups

    return check


MonthDay = Annotated[str, Field(pattern=r"^\d\d-\d\d$"), AfterValidator(month_day)]
DateShares = Annotated[dict[MonthDay, Share], AfterValidator(sums_to_one)]
MonthWeights = Annotated[list[Multiplier], Field(min_length=12, max_length=12), AfterValidator(some_weight)]
